import { find, HPA, keys, KPA } from "#core/annotations/keys.ts";
import { ownKeys } from "#core/annotations/own.ts";
import { readScaleTarget } from "#core/annotations/scale-target.ts";
import { type Selector, selectorText } from "#core/annotations/selector.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { type PodTemplate, podTemplateSchema, readObject, serviceSchema } from "#core/manifest/objects.ts";
import { revisionOf, type ServiceRevision } from "#core/manifest/revision.ts";
import { KNATIVE_MADE } from "./names.ts";
import type { Service, Workload } from "./objects.ts";
import { final, passing, type Refusal, refusalOfProblems } from "./refusal.ts";
import type { FoundWorkload, NamespaceWorkloads } from "./workload.ts";

/** What a Service means for us: a revision and its workload, or why not. */
export interface Resolution {
  readonly workload: FoundWorkload | undefined;
  /** Also of a Service that is refused, as far as can be said, since one that is routed must be served. */
  readonly revision: ServiceRevision | undefined;
  readonly refusal: Refusal | undefined;
}

export type Found = { readonly workload: FoundWorkload } | { readonly refusal: Refusal };

/** The workload by `pilotlight.dev/scale-target`, else the one whose pods the selector finds. */
const findWorkload = (service: Service, selector: Selector, workloads: NamespaceWorkloads): Found => {
  const text = service.metadata.annotations?.[ownKeys.scaleTarget];
  const ref = text === undefined ? undefined : readScaleTarget(text);
  if (ref !== undefined) {
    const object = workloads.byRef(ref);
    if (object !== undefined) return { workload: { ref, object } };
    const message = `there is no ${ref.kind} "${ref.name}" (${ref.apiVersion}) in this namespace`;
    return { refusal: passing("NoWorkload", message, `create it, or correct ${ownKeys.scaleTarget}`) };
  }
  const found = workloads.bySelector(selector);
  if (found.length === 1) return { workload: found[0]! };
  if (found.length === 0) {
    const message = `no Deployment or StatefulSet makes pods with the labels ${selectorText(selector)}`;
    const remedy = `correct the selector, or name the workload with ${ownKeys.scaleTarget}`;
    return { refusal: passing("NoWorkload", message, remedy) };
  }
  const names = found.map(({ ref }) => `${ref.kind}/${ref.name}`).join(", ");
  const remedy = `narrow the selector, or name the workload with ${ownKeys.scaleTarget}`;
  return { refusal: passing("AmbiguousWorkload", `the selector finds several workloads: ${names}`, remedy) };
};

/**
 * For a workload of which no pod template is known: a pod whose readiness only the cluster can tell. Ports that
 * are named are found by the slices of its pods.
 */
const unknownTemplate = (ports: readonly { readonly targetPort?: number | string }[]): PodTemplate =>
  podTemplateSchema.parse({
    spec: {
      containers: [
        {
          name: "unknown",
          startupProbe: {},
          ports: ports
            .map(({ targetPort }) => targetPort)
            .filter((target) => typeof target === "string")
            .map((name) => ({ name, containerPort: 1 })),
        },
      ],
    },
  });

const templateOf = (service: Service, workload: Workload | undefined): PodTemplate => {
  const parsed = podTemplateSchema.safeParse(workload?.spec?.template);
  return parsed.success ? parsed.data : unknownTemplate(service.spec.ports ?? []);
};

/** Knative's own group is policed by the checks of settings; anything else names somebody else (`knative.md` 1.3). */
const isForeign = (name: string): boolean => ![KPA, HPA].includes(name) && !name.endsWith(".knative.dev");

/** Shapes that only a cluster has; the rest of a Service's shape is checked by `revisionOf`. */
const shapeRefusal = ({ metadata, spec }: Service): Refusal | undefined => {
  if (metadata.labels?.[KNATIVE_MADE] !== undefined) {
    return final("MadeByKnative", "Knative made this Service and routes it", "take the annotations off");
  }
  const chosen = find(metadata.annotations ?? {}, keys.class)?.value;
  if (chosen !== undefined && isForeign(chosen)) {
    const message = `the class ${JSON.stringify(chosen)} belongs to another controller, which scales this Service`;
    return final(
      "ForeignClass",
      message,
      "set it to kpa.autoscaling.knative.dev, or take the annotations off",
    );
  }
  if (spec.internalTrafficPolicy === "Local") {
    const message = "internalTrafficPolicy is Local: nodes without an activator would refuse its clients";
    return final("CannotRoute", message, "set it to Cluster, or take the annotations off");
  }
  const other = (spec.ports ?? []).filter(({ protocol }) => protocol !== undefined && protocol !== "TCP");
  if (other.length > 0 && other.length < (spec.ports ?? []).length) {
    const names = other.map(({ port, protocol }) => `${port}/${protocol}`).join(", ");
    const message = `only TCP can be held for a pod that starts, and there is ${names}`;
    return final(
      "CannotRoute",
      message,
      "move the other ports to a Service of their own, without annotations",
    );
  }
  return undefined;
};

/** A revision by the defaults, for a Service whose annotations cannot be used. */
const byDefaults = (
  service: Service,
  template: PodTemplate,
  config: AutoscalerConfig,
): ServiceRevision | undefined => {
  const read = readObject(serviceSchema, service, "Service");
  if (!read.ok) return undefined;
  const metadata = { ...read.value.metadata, annotations: {} };
  const plain = revisionOf({ ...read.value, metadata }, template, config);
  return plain.ok ? plain.value : undefined;
};

/** The workload of a Service with this selector, or why there is none. */
export const workloadFor = (
  service: Service,
  selector: Selector | undefined,
  workloads: NamespaceWorkloads,
): Found =>
  selector === undefined
    ? { refusal: passing("NoSelector", "the Service has no selector", "give it one that finds the pods") }
    : findWorkload(service, selector, workloads);

/** Pure: the same objects give the same answer in every process. */
export const resolveService = (service: Service, found: Found, config: AutoscalerConfig): Resolution => {
  const workload = "workload" in found ? found.workload : undefined;
  const template = templateOf(service, workload?.object);
  const read = readObject(serviceSchema, service, `Service ${service.metadata.name}`);
  const made = read.ok ? revisionOf(read.value, template, config) : read;
  const revision = made.ok ? made.value : byDefaults(service, template, config);
  const problem = made.ok ? undefined : refusalOfProblems(made.problems);
  const shape = shapeRefusal(service) ?? (problem?.final === true ? problem : undefined);
  return { workload, revision, refusal: shape ?? ("refusal" in found ? found.refusal : problem) };
};
