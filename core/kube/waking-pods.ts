import type { Clock } from "#core/clock.ts";
import { selectorText } from "#core/annotations/selector.ts";
import type { Logger } from "#core/log.ts";
import type { WakingEvent, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { backoff } from "./backoff.ts";
import type { Claim } from "./claim.ts";
import type { Claims } from "./claims.ts";
import type { KubeClient } from "./client.ts";
import { watchFailedCreates } from "./failed-creates.ts";
import { listAll, type ListOptions } from "./list.ts";
import { type AddressSource, EarlyAddresses } from "./early-addresses.ts";
import type { Pod, ServicePort } from "./objects.ts";
import { keyOf } from "./objects.ts";
import { type Failure, failureOf, type SeenPod, workloadFailure } from "./pod-failure.ts";
import { hasEnded, progress } from "./pod-progress.ts";
import { pathOfAll, resources } from "./resources.ts";
import { watchEvents } from "./watch-events.ts";

export interface KubeWakingPodsDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly claims: Pick<Claims, "get" | "workload">;
  /** Called with `namespace/name` of a workload that changed. */
  readonly onWorkload: (listener: (key: string) => void) => Disposable;
  /** Who may know a pod's address before the API server does. */
  readonly source?: AddressSource;
  /** Told when a watch of pods has taken a connection for itself. */
  readonly onWatch?: () => void;
}

type Tell = (event: WakingEvent) => void;

const BACKOFF = { firstMs: 50, maxMs: 1000 } as const;
const WATCH_SECONDS = 600;

/** The pods of a revision while it wakes: watched for that time only, since pods change often. */
export class KubeWakingPods implements WakingPods {
  readonly #deps: KubeWakingPodsDeps;

  constructor(deps: KubeWakingPodsDeps) {
    this.#deps = deps;
  }

  watch(id: RevisionId, listener: Tell): Disposable {
    const claim = this.#deps.claims.get(id);
    const stopped = new AbortController();
    const tell: Tell = (event) => {
      if (!stopped.signal.aborted) listener(event);
    };
    const refused = failureOfClaim(claim);
    if (refused !== undefined) queueMicrotask(() => tell({ kind: "failed", ...refused }));
    if (claim?.selector === undefined) return { [Symbol.dispose]: () => stopped.abort() };
    const watch = new WakingWatch(this.#deps, claim, tell);
    void watch.run(stopped.signal);
    return { [Symbol.dispose]: () => stopped.abort() };
  }
}

/** A Service without a workload will have no pods; whatever else it is refused for does not keep pods from starting. */
const failureOfClaim = (claim: Claim | undefined): Failure | undefined => {
  if (claim?.workload !== undefined) return undefined;
  const refusal = claim?.refusal;
  return { reason: refusal?.reason ?? "NoService", detail: refusal?.message ?? "there is no such Service" };
};

class WakingWatch {
  readonly #deps: KubeWakingPodsDeps;
  readonly #claim: Claim;
  readonly #tell: Tell;
  readonly #pods = new Map<string, SeenPod>();
  readonly #ports: readonly ServicePort[];
  readonly #early: EarlyAddresses | undefined;
  #timer: Disposable | undefined;

  constructor(deps: KubeWakingPodsDeps, claim: Claim, tell: Tell) {
    this.#deps = deps;
    this.#claim = claim;
    this.#tell = tell;
    this.#ports = (claim.service.spec.ports ?? []).filter(({ protocol = "TCP" }) => protocol === "TCP");
    this.#early = deps.source && new EarlyAddresses(deps.source, this.#ports, tell);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, client } = this.#deps;
    const { workload, service } = this.#claim;
    const key = `${service.metadata.namespace}/${workload?.ref.name}`;
    using _subscription = this.#deps.onWorkload((changed) => changed === key && this.#judge());
    this.#judge();
    if (workload !== undefined && workload.ref.kind !== "Deployment") {
      const namespace = service.metadata.namespace ?? "";
      watchFailedCreates({ client, workload: workload.ref, signal, namespace }, (failure) =>
        this.#failed(failure),
      );
    }
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        // A watch that begins at 0 would save the list, but API servers on an older etcd (before 3.5.8), or on
        // another store, refuse it: it broke each first watch there, 50 ms into the cold start.
        const since = await this.#list({ signal, cached: failures === 0 });
        await this.#follow(since, signal);
      } catch (error) {
        if (!signal.aborted) log.info({ err: error, service: this.#claim.id }, "pod watch broke");
      }
      await clock.sleep(backoff(failures, BACKOFF, Math.random()), signal).catch(() => undefined);
    }
    this.#timer?.[Symbol.dispose]();
    this.#early?.stop();
  }

  get #selection() {
    return {
      path: pathOfAll(resources.pods, this.#claim.service.metadata.namespace),
      labelSelector: selectorText(this.#claim.selector ?? {}),
    };
  }

  async #list(options: ListOptions): Promise<string> {
    const { items, resourceVersion } = await listAll<Pod>(this.#deps.client, this.#selection, options);
    const present = new Set(items.map(keyOf));
    for (const key of this.#pods.keys()) if (!present.has(key)) this.#put(key, undefined);
    for (const pod of items) this.#put(keyOf(pod), pod);
    return resourceVersion;
  }

  async #follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const options = { resourceVersion, timeoutSeconds: WATCH_SECONDS, signal };
    this.#deps.onWatch?.();
    for await (const event of watchEvents<Pod>(this.#deps.client, this.#selection, options)) {
      if (event.type !== "BOOKMARK") {
        this.#put(keyOf(event.object), event.type === "DELETED" ? undefined : event.object);
      }
    }
  }

  #put(key: string, pod: Pod | undefined): void {
    const before = this.#pods.get(key);
    for (const event of progress(before?.pod, pod, this.#ports)) this.#tell(event);
    this.#early?.seen(key, pod);
    if (pod === undefined) this.#pods.delete(key);
    else this.#pods.set(key, { pod, since: before?.since ?? this.#deps.clock.now() });
    this.#judge();
  }

  /** Tells when no pod can start, and looks again when that depends on time. */
  #judge(): void {
    const { clock, claims } = this.#deps;
    this.#timer?.[Symbol.dispose]();
    const workload = claims.workload(this.#claim.id)?.object;
    const verdict =
      failureOf([...this.#pods.values()], clock.now()) ??
      ([...this.#pods.values()].every(({ pod }) => hasEnded(pod)) && workload !== undefined
        ? workloadFailure(workload)
        : undefined);
    if (verdict === undefined) return;
    if ("againMs" in verdict) this.#timer = clock.after(verdict.againMs, () => this.#judge());
    else this.#failed(verdict);
  }

  #failed({ reason, detail }: Failure): void {
    this.#tell({ kind: "failed", reason, detail });
  }
}
