import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { RevisionId } from "#core/revision.ts";
import { type Claim, claimOf, concernsUs, settleShared, userSelector } from "./claim.ts";
import { PRIVATE_OF, SERVICE_NAME } from "./names.ts";
import { NamespaceIndex } from "./namespace-index.ts";
import type { EndpointSlice, Service, Workload } from "./objects.ts";
import { keyOf } from "./objects.ts";
import type { OtherWorkloads } from "./other-workloads.ts";
import { type Resolution, resolveService, workloadFor } from "./resolve.ts";
import type { Store } from "./watch.ts";
import { type FoundWorkload, type NamespaceWorkloads, selects, workloadKey } from "./workload.ts";

/** Whether a HorizontalPodAutoscaler of the user's scales a workload. */
export interface Autoscaled {
  by(namespace: string, workload: FoundWorkload): string | undefined;
  subscribe(listener: (namespace: string) => void): Disposable;
}

export interface ClaimsDeps {
  /** All Services: one that no annotation names any more may still be routed. */
  readonly services: Store<Service>;
  readonly deployments: Store<Workload>;
  readonly statefulSets: Store<Workload>;
  readonly others: OtherWorkloads;
  /** Only our own slices. */
  readonly slices: Store<EndpointSlice>;
  readonly config: ConfigSource;
  readonly autoscaled?: Autoscaled;
}

/** Every Service that concerns us with all that belongs to it, kept as the objects of the cluster change. */
export class Claims {
  readonly #deps: ClaimsDeps;
  readonly #services: NamespaceIndex<Service>;
  readonly #deployments: NamespaceIndex<Workload>;
  readonly #statefulSets: NamespaceIndex<Workload>;
  readonly #slices: NamespaceIndex<EndpointSlice>;
  readonly #claims = new Map<RevisionId, Claim>();
  readonly #resolved = new Map<RevisionId, { key: string; resolution: Resolution }>();
  readonly #dirty = new Set<string>();
  readonly #listeners = new Set<(id: RevisionId) => void>();
  #flushing = false;

  constructor(deps: ClaimsDeps) {
    this.#deps = deps;
    this.#services = new NamespaceIndex(deps.services);
    this.#deployments = new NamespaceIndex(deps.deployments);
    this.#statefulSets = new NamespaceIndex(deps.statefulSets);
    this.#slices = new NamespaceIndex(deps.slices);
    for (const store of [deps.services, deps.slices]) {
      store.subscribe((_key, now, before) => this.#touch((now ?? before)?.metadata.namespace));
    }
    for (const store of [deps.deployments, deps.statefulSets]) {
      store.subscribe((_key, now, before) => {
        if (templateText(now) !== templateText(before)) this.#touch((now ?? before)?.metadata.namespace);
      });
    }
    deps.others.subscribe((namespace) => this.#touch(namespace));
    deps.autoscaled?.subscribe((namespace) => this.#touch(namespace));
    deps.config.subscribe(() => {
      for (const { service } of this.#claims.values()) this.#touch(service.metadata.namespace);
    });
  }

  get(id: RevisionId): Claim | undefined {
    return this.#claims.get(id);
  }

  values(): IterableIterator<Claim> {
    return this.#claims.values();
  }

  /** Called after a claim appeared, changed or went. */
  subscribe(listener: (id: RevisionId) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The workload as it is now; a claim's own may be older in its replicas and its status. */
  workload(id: RevisionId): FoundWorkload | undefined {
    const claim = this.#claims.get(id);
    if (claim?.workload === undefined) return undefined;
    const { ref } = claim.workload;
    const object = this.#workloads(claim.service.metadata.namespace ?? "").byRef(ref);
    return object === undefined ? undefined : { ref, object };
  }

  /** Changes that come together, as at a list, are worked through together. */
  #touch(namespace: string | undefined): void {
    this.#dirty.add(namespace ?? "");
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      const namespaces = [...this.#dirty];
      this.#dirty.clear();
      for (const name of namespaces) this.#refresh(name);
    });
  }

  #refresh(namespace: string): void {
    const next = new Map(settleShared(this.#compute(namespace)).map((claim) => [claim.id, claim]));
    const changed: RevisionId[] = [];
    for (const [id, claim] of this.#claims) {
      if (claim.service.metadata.namespace !== namespace || next.has(id)) continue;
      this.#claims.delete(id);
      this.#resolved.delete(id);
      changed.push(id);
    }
    for (const [id, claim] of next) {
      if (sameClaim(this.#claims.get(id), claim)) continue;
      this.#claims.set(id, claim);
      changed.push(id);
    }
    for (const id of changed) for (const listener of this.#listeners) listener(id);
  }

  #compute(namespace: string): Claim[] {
    const privates = new Map<string, Service>();
    const services: Service[] = [];
    for (const service of this.#services.in(namespace).values()) {
      const of = service.metadata.labels?.[PRIVATE_OF];
      if (of === undefined) services.push(service);
      else privates.set(of, service);
    }
    const slices = Map.groupBy(
      this.#slices.in(namespace).values(),
      ({ metadata }) => metadata.labels?.[SERVICE_NAME] ?? "",
    );
    const workloads = this.#workloads(namespace);
    const ours = (service: Service): boolean =>
      concernsUs(service) || privates.has(service.metadata.name) || slices.has(service.metadata.name);
    return services.filter(ours).map((service) => {
      const { name } = service.metadata;
      const privateService = privates.get(name);
      const selector = userSelector(service, privateService);
      const resolution = this.#resolve(service, selector, workloads);
      const autoscaledBy = resolution.workload && this.#deps.autoscaled?.by(namespace, resolution.workload);
      return claimOf({
        service,
        privateService,
        slices: slices.get(name) ?? [],
        selector,
        resolution,
        autoscaledBy,
      });
    });
  }

  /** Reading a Service and a template costs much more than seeing that they are the same as last time. */
  #resolve(service: Service, selector: Claim["selector"], workloads: NamespaceWorkloads): Resolution {
    const found = workloadFor(service, selector, workloads);
    const config = this.#deps.config.current();
    const id = keyOf(service);
    const behind =
      "workload" in found
        ? workloadKey(found.workload.ref) + templateText(found.workload.object)
        : found.refusal;
    const key = JSON.stringify([service.metadata.uid, service.metadata.resourceVersion, behind, config]);
    const before = this.#resolved.get(id);
    if (before?.key === key) {
      return { ...before.resolution, workload: "workload" in found ? found.workload : undefined };
    }
    const resolution = resolveService(service, found, config);
    this.#resolved.set(id, { key, resolution });
    return resolution;
  }

  #workloads(namespace: string): NamespaceWorkloads {
    const kinds = [
      ["Deployment", this.#deployments.in(namespace)],
      ["StatefulSet", this.#statefulSets.in(namespace)],
    ] as const;
    return {
      byRef: (ref) => {
        const watched = kinds.find(([kind]) => ref.apiVersion === "apps/v1" && kind === ref.kind);
        if (watched === undefined) return this.#deps.others.get(namespace, ref);
        return watched[1].get(`${namespace}/${ref.name}`);
      },
      bySelector: (selector) =>
        kinds.flatMap(([kind, objects]) =>
          [...objects.values()]
            .filter((object) => selects(selector, object))
            .map((object) => ({ ref: { apiVersion: "apps/v1", kind, name: object.metadata.name }, object })),
        ),
    };
  }
}

const texts = new WeakMap<object, string>();
const templateText = (workload: Workload | undefined): string => {
  if (workload === undefined) return "";
  const known = texts.get(workload);
  if (known !== undefined) return known;
  const text = JSON.stringify([workload.metadata.uid, workload.spec?.template]);
  texts.set(workload, text);
  return text;
};

/** Replicas and status of the workload do not count: `workload` has them fresh. */
const essence = (claim: Claim): string => {
  const { service, privateService, slices, refusal, wanted, workload } = claim;
  const versions = [service, privateService, ...slices].map((object) => [
    object?.metadata.uid,
    object?.metadata.resourceVersion,
  ]);
  return JSON.stringify([
    versions,
    refusal,
    wanted,
    workload && [workload.ref, templateText(workload.object)],
  ]);
};

const sameClaim = (a: Claim | undefined, b: Claim): boolean =>
  a !== undefined && a.revision === b.revision && essence(a) === essence(b);
