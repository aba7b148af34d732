import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Clock, Millis } from "#core/clock.ts";
import type { Rules } from "#core/divergences.ts";
import { isConflict } from "#core/kube/api-error.ts";
import type { Claim } from "#core/kube/claim.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import type { Store } from "#core/kube/watch.ts";
import type { KubeWrite } from "#core/kube/write.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { RevisionId } from "#core/revision.ts";
import { WorkQueue } from "#core/work-queue.ts";
import { planHpa, wantedHpa } from "./hpa-plan.ts";

export interface HpaKeeperDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ConfigSource;
  readonly rules: Rules;
  readonly claims: {
    get(id: RevisionId): Claim | undefined;
    values(): Iterable<Claim>;
    subscribe(listener: (id: RevisionId) => void): Disposable;
  };
  /** Our own HorizontalPodAutoscalers; each has the name of its Service. */
  readonly autoscalers: Store<KubeObject>;
  /** Rejects with an `ApiError`. */
  readonly write: (write: KubeWrite) => Promise<void>;
  /** Only the leader writes. */
  readonly leading: () => boolean;
}

const CONCURRENCY = 4;
const AGAIN_MS: Millis = 2000;

/** Keeps a HorizontalPodAutoscaler for each Service of class `hpa` (`knative.md` 3.11). */
export class HpaKeeper implements Part {
  readonly name = "horizontal pod autoscalers";
  readonly #deps: HpaKeeperDeps;
  readonly #queue: WorkQueue;
  #subscriptions: Disposable[] = [];

  constructor(deps: HpaKeeperDeps) {
    this.#deps = deps;
    this.#queue = new WorkQueue({
      clock: deps.clock,
      concurrency: CONCURRENCY,
      work: (id) => this.#work(id),
    });
  }

  start(): Promise<void> {
    const { claims, autoscalers, config } = this.#deps;
    this.#subscriptions = [
      claims.subscribe((id) => this.#queue.add(id)),
      autoscalers.subscribe((id) => this.#queue.add(id)),
      config.subscribe(() => this.reconsider()),
    ];
    this.reconsider();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    await this.#queue.stop();
  }

  /** Looks at every Service: at the start of a leadership. */
  reconsider(): void {
    for (const { id } of this.#deps.claims.values()) this.#queue.add(id);
  }

  async #work(id: RevisionId): Promise<void> {
    const { claims, autoscalers, config, rules, leading, write, log } = this.#deps;
    if (!leading()) return;
    const claim = claims.get(id);
    const wanted = claim && wantedHpa(claim, { config: config.current(), rules });
    const plan = planHpa(autoscalers.get(id), wanted);
    if (plan === undefined) return;
    try {
      await write(plan);
      log.info({ service: id, verb: plan.verb }, "horizontal pod autoscaler written");
    } catch (error) {
      if (!isConflict(error))
        log.warn({ err: error, service: id }, "horizontal pod autoscaler was not written");
      this.#queue.addAfter(id, AGAIN_MS);
    }
  }
}
