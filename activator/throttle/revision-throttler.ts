/** The queue of one revision in front of the slots of its pods. */

import { RequestError } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import type { Revision } from "#core/revision.ts";
import { Assignment } from "./assignment.ts";
import { type AcquireOptions, Breaker, type BreakerLimits } from "./breaker.ts";
import { type Grant, type GrantOwner, TrackerGrant } from "./grant.ts";
import { type LbPolicy, policyFor, type Random } from "./lb-policy.ts";
import type { PodTracker } from "./pod-tracker.ts";
import { UNLIMITED } from "./slots.ts";
import type { ActivatorPlace } from "./subset.ts";

export interface ThrottlerSnapshot {
  /** Requests that wait. */
  readonly queued: number;
  /** Requests that have a slot, also in dests that are gone. */
  readonly inFlight: number;
  /** Requests this activator may have under way; Infinity without a limit per pod. */
  readonly capacity: number;
  /** Healthy dests, of which this activator uses a share. */
  readonly dests: number;
}

const RETRY_AFTER_SECONDS = 1;

const limitsOf = (queueDepth: number): BreakerLimits => ({ waiting: queueDepth, inFlight: Infinity });

/** The queue of one revision in front of the slots of its dests. */
export class RevisionThrottler implements GrantOwner {
  readonly #random: Random;
  readonly #assignment = new Assignment();
  readonly #breaker: Breaker<Grant>;
  #policy: LbPolicy;
  #revision: Revision | undefined;
  #onIdle: (() => void) | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#policy = policyFor(0, random);
    this.#breaker = new Breaker<Grant>(limitsOf(Infinity), { take: (avoid) => this.#take(avoid) }, () =>
      this.#queueFull(),
    );
  }

  get queued(): number {
    return this.#breaker.waiting;
  }

  get inFlight(): number {
    return this.#breaker.running;
  }

  get assignment(): Assignment {
    return this.#assignment;
  }

  get snapshot(): ThrottlerSnapshot {
    const { capacity, backends } = this.#assignment;
    return {
      queued: this.queued,
      inFlight: this.inFlight,
      capacity: capacity === UNLIMITED ? Infinity : capacity,
      dests: backends,
    };
  }

  /** Takes over the revision's limits; cheap when nothing has changed. */
  configure(revision: Revision): void {
    if (revision === this.#revision) return;
    this.#onIdle = undefined;
    const { containerConcurrency, queueDepth } = revision;
    const changed = containerConcurrency !== (this.#revision?.containerConcurrency ?? 0);
    this.#revision = revision;
    this.#breaker.limit(limitsOf(queueDepth));
    if (!changed) return;
    this.#policy = policyFor(containerConcurrency, this.#random);
    this.#assignment.setConcurrency(containerConcurrency);
    this.#breaker.drain();
  }

  update(dests: readonly Dest[], shared?: Dest): void {
    this.#assignment.update(dests, shared);
    this.#breaker.drain();
  }

  setActivators(place: ActivatorPlace): void {
    this.#assignment.setPlace(place);
    this.#breaker.drain();
  }

  reserve(avoid?: ReadonlySet<string>): Grant | undefined {
    return this.#breaker.reserve(avoid);
  }

  acquire(options: AcquireOptions): Promise<Grant> {
    return this.#breaker.acquire(options);
  }

  fail(error: Error): void {
    this.#breaker.rejectAll(error);
  }

  /** Turns everyone who waits away and calls `onIdle` when nothing runs any more, at once or later. */
  close(error: Error, onIdle: () => void): void {
    this.update([]);
    this.fail(error);
    if (this.inFlight === 0) onIdle();
    else this.#onIdle = onIdle;
  }

  released(tracker: PodTracker): void {
    this.#assignment.released(tracker);
    this.#breaker.release();
    if (this.#onIdle !== undefined && this.#breaker.inFlight === 0) this.#onIdle();
  }

  #take(avoid: ReadonlySet<string> | undefined): Grant | undefined {
    const { assigned } = this.#assignment;
    const tracker = this.#preferred(assigned, avoid) ?? this.#policy(assigned);
    return tracker && new TrackerGrant(tracker, this);
  }

  /** Another dest than those to avoid, if one has room: a retry never waits for one. */
  #preferred(
    assigned: readonly PodTracker[],
    avoid: ReadonlySet<string> | undefined,
  ): PodTracker | undefined {
    if (avoid === undefined || avoid.size === 0) return undefined;
    return this.#policy(assigned.filter((tracker) => !avoid.has(tracker.key)));
  }

  #queueFull(): RequestError {
    const { capacity, dests, queued, inFlight } = this.snapshot;
    const limit = this.#revision?.queueDepth ?? 0;
    return new RequestError("queue_full", {
      detail: `${queued} requests wait (queue depth ${limit}), ${inFlight} run in ${dests} pods with room for ${capacity}`,
      retryAfter: RETRY_AFTER_SECONDS,
    });
  }
}
