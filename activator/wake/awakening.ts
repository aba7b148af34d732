/** One attempt to wake one revision: waking, then failing or settling, then ended. */

import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Logger } from "#core/log.ts";
import type { Scale, WakingEvent, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { RevisionBackends } from "../backends/revision-backends.ts";
import { type ColdStart, ColdStartRecord } from "./cold-start.ts";
import { raiseFromZero } from "./wake-scale.ts";

export interface AwakeningDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly scale: Scale;
  readonly wakingPods: WakingPods;
  readonly backends: Pick<RevisionBackends, "learn" | "forget" | "setWaking" | "ahead">;
}

export interface AwakeningOptions {
  readonly id: RevisionId;
  /** Pods to start with. */
  readonly replicas: number;
  /** Whether a request waits. */
  readonly waited: () => boolean;
  /** No pod can start: those who wait are to be told. */
  readonly onFailed: (error: RequestError) => void;
  /** It is over, one way or another. */
  readonly onEnd: () => void;
}

/** The answer to those who come within this time of a failure is the same failure. */
const FAIL_FAST_MS: Millis = 1000;
const TEND_MS: Millis = 1000;
/** The scale is looked at again while pods are awaited, in case it was set to 0 by another at the same time. */
const LONGEST_REASSERT_MS: Millis = 8000;
/** Without anyone waiting for this long the attempt is given up; pods may still come, without being watched. */
const IDLE_MS: Millis = 30_000;
/** By then the cluster's own list has the pods that were learnt early, or never will. */
const SETTLE_MS: Millis = 30_000;
const RETRY_AFTER_SECONDS = 1;

type Stage =
  | { readonly kind: "waking"; readonly since: Millis }
  /** No pod could start; another attempt is made when this one has ended. */
  | { readonly kind: "failing"; readonly error: RequestError }
  /** A pod accepts; watched on until the cluster's own list knows it. */
  | { readonly kind: "settling"; readonly since: Millis }
  | { readonly kind: "ended" };

/** One attempt to wake one revision, from the first request to a pod that the cluster knows to be ready. */
export class Awakening {
  readonly #deps: AwakeningDeps;
  readonly #options: AwakeningOptions;
  readonly #record: ColdStartRecord;
  readonly #stopped = new AbortController();
  readonly #timers = new DisposableStack();
  #stage: Stage;

  constructor(deps: AwakeningDeps, options: AwakeningOptions) {
    this.#deps = deps;
    this.#options = options;
    const now = deps.clock.now();
    this.#record = new ColdStartRecord(options.id, now);
    this.#stage = { kind: "waking", since: now };
  }

  get stage(): Stage["kind"] {
    return this.#stage.kind;
  }

  /** Why no pod can start, while that is being answered at once. */
  get error(): RequestError | undefined {
    return this.#stage.kind === "failing" ? this.#stage.error : undefined;
  }

  get record(): ColdStart {
    return this.#record.snapshot;
  }

  /** The scale is written before anything else; watching the pods begins with those that are there. */
  start(): void {
    const { backends, wakingPods, clock } = this.#deps;
    const { id } = this.#options;
    this.#raise(this.#stopped.signal).catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#fail(error as RequestError);
    });
    backends.setWaking(id, true);
    const watch = wakingPods.watch(id, (event) => this.#heard(event));
    if (this.#ended()) return watch[Symbol.dispose]();
    this.#timers.use(watch);
    this.#timers.use(clock.every(TEND_MS, () => this.#tend()));
  }

  /** Another request waits: the attempt goes on. */
  touch(): void {
    if (this.#stage.kind === "waking") this.#stage = { kind: "waking", since: this.#deps.clock.now() };
  }

  /** A dest is healthy. */
  accepted(): void {
    if (this.#stage.kind === "settling" || this.#ended()) return;
    const now = this.#deps.clock.now();
    this.#record.note("accepted", now);
    this.#record.end("accepted");
    this.#stopped.abort();
    this.#stage = { kind: "settling", since: now };
    // Not within the change of the dests that is being told.
    this.#timers.use(this.#deps.clock.after(0, () => this.#tend()));
  }

  /** Ends it at once. */
  stop(): void {
    if (this.#ended()) return;
    this.#record.end("abandoned");
    this.#stage = { kind: "ended" };
    this.#stopped.abort();
    this.#timers.dispose();
    this.#options.onEnd();
    this.#deps.backends.setWaking(this.#options.id, false);
  }

  #ended(): boolean {
    return this.#stage.kind === "ended";
  }

  async #raise(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    const { id, replicas } = this.#options;
    await raiseFromZero(this.#deps, id, replicas, signal);
    this.#record.note("patched", clock.now());
    for (let pause = TEND_MS; ; pause = Math.min(2 * pause, LONGEST_REASSERT_MS)) {
      await clock.sleep(pause, signal);
      // Pods may be on their way already: a failure now is no reason to turn anyone away.
      await raiseFromZero(this.#deps, id, replicas, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ service: id, err: error }, "scale could not be looked at again");
      });
    }
  }

  #heard(event: WakingEvent): void {
    const { backends, clock } = this.#deps;
    const { id } = this.#options;
    if (this.#ended()) return;
    switch (event.kind) {
      case "phase":
        return this.#record.note(event.phase, clock.now());
      case "address":
        if (event.source === "node-agent") this.#record.note("agent", clock.now());
        this.#record.note("address", clock.now());
        return backends.learn(id, event.dest);
      case "gone":
        return backends.forget(id, event.key);
      case "failed":
        return this.#fail(
          new RequestError("start_failed", {
            detail: `${event.reason}: ${event.detail}`,
            retryAfter: RETRY_AFTER_SECONDS,
          }),
        );
    }
  }

  /** The pods are watched on for a moment: one that accepts after all ends the failing at once. */
  #fail(error: RequestError): void {
    const { clock, log } = this.#deps;
    const { id, onFailed } = this.#options;
    if (this.#stage.kind !== "waking") return;
    log.warn({ service: id, err: error, detail: error.detail }, "no pod can start");
    this.#record.end("failed");
    this.#stage = { kind: "failing", error };
    this.#stopped.abort();
    this.#timers.use(
      clock.after(FAIL_FAST_MS, () => {
        if (this.#stage.kind === "failing") this.stop();
      }),
    );
    onFailed(error);
  }

  #tend(): void {
    const { clock, backends } = this.#deps;
    const { id, waited } = this.#options;
    const stage = this.#stage;
    const idle = stage.kind === "waking" && !waited() && clock.now() - stage.since >= IDLE_MS;
    const settled =
      stage.kind === "settling" && (!backends.ahead(id) || clock.now() - stage.since >= SETTLE_MS);
    if (idle || settled) this.stop();
  }
}
