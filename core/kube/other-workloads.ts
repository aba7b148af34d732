import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import { isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import type { ApiKinds } from "./kinds.ts";
import type { Workload } from "./objects.ts";
import { pathOfKey } from "./resources.ts";
import { slimWorkload, workloadKey, type WorkloadRef } from "./workload.ts";

/**
 * Workloads of kinds that are not watched (`scale-target: argoproj.io/v1alpha1/Rollout/hello`): read when first
 * asked for, and again every half minute for as long as somebody asks.
 */
export class OtherWorkloads {
  readonly #deps: Deps;
  readonly #known = new Map<string, { object: Workload | undefined; until: Millis }>();
  readonly #listeners = new Set<(namespace: string) => void>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** As last read; undefined when there is none, or it has not been read yet. */
  get(namespace: string, ref: WorkloadRef): Workload | undefined {
    const key = `${namespace}/${workloadKey(ref)}`;
    const known = this.#known.get(key);
    const now = this.#deps.clock.now();
    if (known === undefined || now >= known.until) {
      this.#known.set(key, { object: known?.object, until: now + AGAIN_MS });
      void this.#read(namespace, ref, key);
    }
    return known?.object;
  }

  /** Called with the namespace of a workload that has been read and is not what it was. */
  subscribe(listener: (namespace: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async #read(namespace: string, ref: WorkloadRef, key: string): Promise<void> {
    const before = this.#known.get(key);
    const object = await this.#fetch(namespace, ref, before?.object);
    this.#known.set(key, { object, until: this.#deps.clock.now() + AGAIN_MS });
    const same = object?.metadata.resourceVersion === before?.object?.metadata.resourceVersion;
    if (!same) for (const listener of this.#listeners) listener(namespace);
  }

  async #fetch(
    namespace: string,
    ref: WorkloadRef,
    before: Workload | undefined,
  ): Promise<Workload | undefined> {
    const { client, kinds, log } = this.#deps;
    try {
      const resource = await kinds.resource(ref.apiVersion, ref.kind);
      const path = pathOfKey(resource, `${namespace}/${ref.name}`);
      return slimWorkload(await client.call<Workload>({ method: "GET", path }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      log.warn({ err: error, namespace, workload: workloadKey(ref) }, "workload cannot be read");
      return before;
    }
  }
}

interface Deps {
  readonly client: KubeClient;
  readonly kinds: ApiKinds;
  readonly clock: Clock;
  readonly log: Logger;
}

const AGAIN_MS = 30_000;
