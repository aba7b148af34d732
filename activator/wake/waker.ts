/** Wakes revisions for which somebody waits and no dest is healthy. */

import type { Millis } from "#core/clock.ts";
import type { RequestError } from "#core/errors.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Revisions } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { RevisionBackends } from "../backends/revision-backends.ts";
import type { Throttler } from "../throttle/throttler.ts";
import { Awakening, type AwakeningDeps } from "./awakening.ts";
import type { ColdStart } from "./cold-start.ts";
import { wakeReplicas } from "./wake-replicas.ts";

export interface WakerDeps extends Omit<AwakeningDeps, "backends"> {
  readonly revisions: Revisions;
  readonly backends: RevisionBackends;
  readonly throttler: Throttler;
  /** Pods a revision starts with, at least 1; by its annotations unless given. */
  readonly wakeScale?: (revision: Revision) => number;
  /** Told of each attempt that ended in `accepted` or `failed`, before any request goes on. */
  readonly onColdStart?: (start: ColdStart) => void;
}

interface Past {
  readonly count: number;
  readonly last: ColdStart;
  /** How long the latest ones took, the last one last. */
  readonly took: readonly Millis[];
}

/** Starts that say what is usual. */
const REMEMBERED = 9;

/**
 * Wakes revisions for which somebody waits and no dest is healthy: raises the scale from 0 and watches the pods
 * until one accepts (walk 3). Needs no autoscaler.
 */
export class Waker implements Part {
  readonly name = "waker";
  readonly #deps: WakerDeps;
  readonly #attempts = new Map<RevisionId, Awakening>();
  readonly #past = new Map<RevisionId, Past>();
  #subscriptions: Disposable[] = [];

  constructor(deps: WakerDeps) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    const { backends, revisions } = this.#deps;
    this.#subscriptions = [
      backends.subscribe((id) => this.#destsChanged(id)),
      revisions.subscribe((id) => {
        if (revisions.get(id) === undefined) this.#forget(id);
      }),
    ];
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const attempt of this.#attempts.values()) attempt.stop();
    return Promise.resolve();
  }

  /**
   * To be called when a request is about to wait, in the tick in which it is queued. Does nothing while the
   * revision has a healthy dest or is waking already. Throws `start_failed` or `scale_failed` for about a second
   * after no pod could start.
   */
  wake(revision: Revision): void {
    const { id } = revision;
    const attempt = this.#attempts.get(id);
    if (attempt?.error !== undefined) throw attempt.error;
    if (attempt?.stage === "waking") return attempt.touch();
    if (this.#deps.backends.healthy(id).length > 0) return this.#deps.backends.nudge(id);
    attempt?.stop();
    const failed = this.#begin(revision);
    if (failed !== undefined) throw failed;
  }

  /** The last cold start of a revision that ended with a pod accepting. */
  lastColdStart(id: RevisionId): ColdStart | undefined {
    return this.#past.get(id)?.last;
  }

  /** The median of the latest cold starts of a revision; undefined before the first one. */
  usualStart(id: RevisionId): Millis | undefined {
    const took = this.#past.get(id)?.took.toSorted((a, b) => a - b);
    return took?.[took.length >> 1];
  }

  /** Cold starts of a revision that ended with a pod accepting. */
  coldStarts(id: RevisionId): number {
    return this.#past.get(id)?.count ?? 0;
  }

  /** Whether pods of the revision are awaited now. */
  waking(id: RevisionId): boolean {
    return this.#attempts.get(id)?.stage === "waking";
  }

  #begin(revision: Revision): RequestError | undefined {
    const { id } = revision;
    const { throttler, wakeScale = wakeReplicas } = this.#deps;
    const attempt: Awakening = new Awakening(this.#deps, {
      id,
      replicas: wakeScale(revision),
      waited: () => throttler.queued(id) > 0,
      onFailed: (error) => {
        this.#deps.onColdStart?.(attempt.record);
        throttler.fail(id, error);
      },
      onEnd: () => {
        if (this.#attempts.get(id) === attempt) this.#attempts.delete(id);
      },
    });
    this.#attempts.set(id, attempt);
    attempt.start();
    return attempt.error;
  }

  #destsChanged(id: RevisionId): void {
    const { backends, throttler, revisions } = this.#deps;
    const attempt = this.#attempts.get(id);
    if (backends.healthy(id).length > 0) {
      if (attempt !== undefined) this.#accepted(id, attempt);
      return;
    }
    // All pods went while requests wait: nobody else would ask for new ones.
    const revision = revisions.get(id);
    if (revision === undefined || throttler.queued(id) === 0) return;
    if (attempt === undefined || attempt.stage === "settling") this.#again(revision);
  }

  #again(revision: Revision): void {
    this.#attempts.get(revision.id)?.stop();
    const failed = this.#begin(revision);
    if (failed !== undefined) this.#deps.throttler.fail(revision.id, failed);
  }

  #accepted(id: RevisionId, attempt: Awakening): void {
    const before = attempt.stage;
    attempt.accepted();
    if (before !== "waking") return;
    const last = attempt.record;
    const took = [...(this.#past.get(id)?.took ?? []), last.phases.accepted ?? 0].slice(-REMEMBERED);
    this.#past.set(id, { count: this.coldStarts(id) + 1, last, took });
    this.#deps.onColdStart?.(last);
  }

  #forget(id: RevisionId): void {
    this.#attempts.get(id)?.stop();
    this.#past.delete(id);
  }
}
