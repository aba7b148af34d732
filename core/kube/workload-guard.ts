/** Finds out who scales a workload: a Service of ours, a HorizontalPodAutoscaler, or both. */
import { slowStart } from "#core/advice/advise.ts";
import type { Advice } from "#core/advice/subject.ts";
import type { Annotations } from "#core/annotations/keys.ts";
import type { Selector } from "#core/annotations/selector.ts";
import type { Millis } from "#core/clock.ts";
import { isAnnotated, userSelector } from "./claim.ts";
import type { KubeObject, ObjectMeta, Probe, Service, Workload } from "./objects.ts";
import { workloadFor } from "./resolve.ts";
import type { Store } from "./watch.ts";
import { type FoundWorkload, type NamespaceWorkloads, selects, type WorkloadRef } from "./workload.ts";

/** A HorizontalPodAutoscaler, as far as it is looked at. */
export interface HorizontalPodAutoscaler extends KubeObject {
  readonly spec?: { readonly scaleTargetRef?: Partial<WorkloadRef> };
}

export interface WorkloadGuardStores {
  readonly services: Store<Service>;
  readonly deployments: Store<Workload>;
  readonly statefulSets: Store<Workload>;
  readonly autoscalers: Store<HorizontalPodAutoscaler>;
}

/** Of a Service only what finds its workload. */
export const slimService = ({ metadata, spec }: Service): Service => {
  const { name, namespace, resourceVersion, annotations = {} } = metadata;
  const asking = Object.entries(annotations).filter(([key]) => !key.startsWith("kubectl.kubernetes.io/"));
  return {
    metadata: { name, namespace, resourceVersion, annotations: Object.fromEntries(asking) } as ObjectMeta,
    spec: spec.selector === undefined ? {} : { selector: spec.selector },
  };
};

export const slimAutoscaler = ({ metadata, spec }: HorizontalPodAutoscaler): HorizontalPodAutoscaler => {
  const { name, namespace, resourceVersion, ownerReferences } = metadata;
  return {
    metadata: { name, namespace, resourceVersion, ownerReferences } as ObjectMeta,
    ...(spec?.scaleTargetRef === undefined ? {} : { spec: { scaleTargetRef: spec.scaleTargetRef } }),
  };
};

/** A Service that may not be stored yet, and what it finds its workload by. */
export interface GuardedService {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Annotations;
  readonly selector: Selector;
}

/**
 * Tells of two that scale one workload, a Service of ours and a HorizontalPodAutoscaler, from the objects as
 * last heard of. Costs no call, and what has not been heard of yet counts as not there.
 */
export class WorkloadGuard {
  readonly #stores: WorkloadGuardStores;

  constructor(stores: WorkloadGuardStores) {
    this.#stores = stores;
  }

  /** The annotated Service (its name) that scales this workload; undefined when there is none. */
  scaledThrough(namespace: string, workload: WorkloadRef): string | undefined {
    const scales = (service: Service): boolean => {
      const { name, annotations = {} } = service.metadata;
      if (!isAnnotated(annotations)) return false;
      const selector = userSelector(service, undefined) ?? {};
      const found = this.#behind({ namespace, name, annotations, selector });
      return found !== undefined && sameWorkload(found.ref, workload);
    };
    return inNamespace(this.#stores.services, namespace).find(scales)?.metadata.name;
  }

  /** The HorizontalPodAutoscalers on the workload behind a Service, but for those that Pilotlight made for it. */
  autoscalersBehind(
    service: GuardedService,
  ): { readonly autoscaler: string; readonly workload: WorkloadRef }[] {
    const workload = this.#behind(service)?.ref;
    if (workload === undefined) return [];
    return inNamespace(this.#stores.autoscalers, service.namespace)
      .filter(({ spec }) => sameWorkload(workload, spec?.scaleTargetRef ?? {}))
      .filter(({ metadata }) => !isOwnedBy(metadata, service.name))
      .map(({ metadata }) => ({ autoscaler: metadata.name, workload }));
  }

  /** The least time until a pod of its workload can be ready, by the probes; undefined when nothing is known. */
  startTime(service: GuardedService): Millis | undefined {
    const containers = this.#behind(service)?.object.spec?.template?.spec?.containers ?? [];
    const delays = containers.map(
      ({ readinessProbe, startupProbe }) => delayOf(readinessProbe) + delayOf(startupProbe),
    );
    const longest = Math.max(0, ...delays);
    return longest === 0 ? undefined : longest * 1000;
  }

  /** What slows each start of its workload's pods, as far as their text shows; empty when there is nothing. */
  slowStart(service: GuardedService): { readonly workload: WorkloadRef; readonly advice: Advice }[] {
    const workload = this.#behind(service);
    const pod = workload?.object.spec?.template?.spec;
    if (workload === undefined || pod === undefined) return [];
    return slowStart(pod).map((advice) => ({ workload: workload.ref, advice }));
  }

  #behind({ namespace, name, annotations, selector }: GuardedService): FoundWorkload | undefined {
    const service = { metadata: { namespace, name, annotations }, spec: { selector } };
    const found = workloadFor(service, selector, this.#workloadsIn(namespace));
    return "workload" in found ? found.workload : undefined;
  }

  #workloadsIn(namespace: string): NamespaceWorkloads {
    const kinds = { Deployment: this.#stores.deployments, StatefulSet: this.#stores.statefulSets };
    return {
      byRef: ({ apiVersion, kind, name }) =>
        apiVersion === "apps/v1" && Object.hasOwn(kinds, kind)
          ? kinds[kind as keyof typeof kinds].get(`${namespace}/${name}`)
          : undefined,
      bySelector: (selector) =>
        Object.entries(kinds).flatMap(([kind, store]) =>
          inNamespace(store, namespace)
            .filter((object) => selects(selector, object))
            .map((object) => ({ ref: { apiVersion: "apps/v1", kind, name: object.metadata.name }, object })),
        ),
    };
  }
}

const isOwnedBy = ({ ownerReferences = [] }: ObjectMeta, service: string): boolean =>
  ownerReferences.some(({ kind, name }) => kind === "Service" && name === service);

const delayOf = (probe: Probe | undefined): number => probe?.initialDelaySeconds ?? 0;

const inNamespace = <T extends KubeObject>(store: Store<T>, namespace: string): T[] =>
  [...store.values()].filter(({ metadata }) => metadata.namespace === namespace);

/** An HPA may name any version of a group; the object is the same. */
const sameWorkload = (a: WorkloadRef, b: Partial<WorkloadRef>): boolean =>
  a.kind === b.kind && a.name === b.name && groupOf(a.apiVersion) === groupOf(b.apiVersion ?? "");

const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");
