import type { ScaleTarget } from "#core/annotations/scale-target.ts";
import type { Selector } from "#core/annotations/selector.ts";
import type { Condition, Container, KubeObject, PodTemplate, Workload } from "./objects.ts";

/** The workload behind a Service, by what names it. */
export type WorkloadRef = ScaleTarget;

export interface FoundWorkload {
  readonly ref: WorkloadRef;
  readonly object: Workload;
}

/** Tells workloads apart within a namespace. */
export const workloadKey = ({ apiVersion, kind, name }: WorkloadRef): string =>
  `${apiVersion}/${kind}/${name}`;

/** The workloads of one namespace. */
export interface NamespaceWorkloads {
  byRef(ref: WorkloadRef): Workload | undefined;
  /** Those whose pods a selector finds. */
  bySelector(selector: Selector): readonly FoundWorkload[];
}

const fits = (selector: Selector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether the workload's pods carry the labels that the selector wants. */
export const selects = (selector: Selector, { spec }: Workload): boolean =>
  fits(selector, spec?.template?.metadata?.labels ?? {});

const slimContainer = ({
  name,
  ports,
  readinessProbe,
  startupProbe,
  restartPolicy,
}: Container): Container => ({
  name,
  ...(ports === undefined ? {} : { ports }),
  ...(readinessProbe === undefined ? {} : { readinessProbe }),
  ...(startupProbe === undefined ? {} : { startupProbe }),
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
});

const slimTemplate = ({ metadata, spec }: PodTemplate): PodTemplate => ({
  metadata: { labels: metadata?.labels ?? {} },
  ...(spec === undefined
    ? {}
    : {
        spec: {
          containers: spec.containers.map(slimContainer),
          ...(spec.automountServiceAccountToken === undefined
            ? {}
            : { automountServiceAccountToken: spec.automountServiceAccountToken }),
          ...(spec.initContainers === undefined
            ? {}
            : { initContainers: spec.initContainers.map(slimContainer) }),
        },
      }),
});

/** Conditions that tell why no pod is made. */
const telling = ({ type }: Condition): boolean => type === "ReplicaFailure";

/** Of a workload only what we read, since a cluster can have thousands. */
export const slimWorkload = (object: Workload): Workload => {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const conditions = (object.status?.conditions ?? []).filter(telling);
  const metadata = { name, namespace, uid, resourceVersion } as KubeObject["metadata"];
  return {
    metadata,
    spec: {
      replicas: object.spec?.replicas ?? 1,
      ...(object.spec?.template === undefined ? {} : { template: slimTemplate(object.spec.template) }),
    },
    status: { replicas: object.status?.replicas ?? 0, ...(conditions.length === 0 ? {} : { conditions }) },
  };
};
