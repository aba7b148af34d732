import { RequestError } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { AcquireOptions } from "./breaker.ts";
import type { Grant } from "./grant.ts";
import type { Random } from "./lb-policy.ts";
import { RevisionThrottler, type ThrottlerSnapshot } from "./revision-throttler.ts";
import type { ActivatorPlace } from "./subset.ts";

const nothing: ThrottlerSnapshot = { queued: 0, inFlight: 0, capacity: 0, dests: 0 };

/**
 * Holds the requests of all revisions until a slot in a dest is free (`knative.md` 4.4). Strictly first come,
 * first served per revision (ADR 0004); at most `queueDepth` wait (ADR 0005); slot and dest are taken in one
 * step (ADR 0006).
 */
export class Throttler {
  readonly #random: Random;
  readonly #revisions = new Map<RevisionId, RevisionThrottler>();

  constructor(options: { readonly random?: Random } = {}) {
    this.#random = options.random ?? Math.random;
  }

  /**
   * Takes a slot now if nobody waits and a dest has room. Of the dests in `avoid` one is taken only when no
   * other has room. The caller owns the grant and disposes it.
   */
  reserve(revision: Revision, avoid?: ReadonlySet<string>): Grant | undefined {
    return this.#configured(revision).reserve(avoid);
  }

  /**
   * Waits for a slot. Rejects with `queue_full` at once, with the error given to `fail`, or with the signal's
   * reason; then the place in the queue is free in the same tick. With a non-empty `avoid` the request has had a
   * slot before and goes ahead of those that have not. A grant may come although the signal aborted a moment
   * later: the caller owns it in any case.
   */
  acquire(revision: Revision, options: AcquireOptions): Promise<Grant> {
    return this.#configured(revision).acquire(options);
  }

  /** Takes over new limits of a revision at once, also for those that wait. */
  configure(revision: Revision): void {
    this.#configured(revision);
  }

  /** Replaces the healthy dests of a revision; whoever can leave the queue leaves it in this tick. */
  update(id: RevisionId, dests: readonly Dest[]): void {
    this.#of(id).update(dests);
  }

  /** Which share of the dests is this activator's (see `placeAmong`). */
  setActivators(id: RevisionId, place: ActivatorPlace): void {
    this.#of(id).setActivators(place);
  }

  /** Rejects everyone who waits for the revision; what runs goes on. */
  fail(id: RevisionId, error: Error): void {
    this.#revisions.get(id)?.fail(error);
  }

  /** Requests of the revision that wait. */
  queued(id: RevisionId): number {
    return this.#revisions.get(id)?.queued ?? 0;
  }

  /** Requests in one dest that came through here, also when it is not healthy any more. */
  inFlightAt(id: RevisionId, key: string): number {
    return this.#revisions.get(id)?.assignment.inFlightAt(key) ?? 0;
  }

  snapshot(id: RevisionId): ThrottlerSnapshot {
    return this.#revisions.get(id)?.snapshot ?? nothing;
  }

  /** Forgets a revision that is gone. What runs goes on and stays counted, should the revision come back. */
  remove(id: RevisionId): void {
    const error = new RequestError("no_such_service", { detail: `${id} went while the request waited` });
    this.#revisions.get(id)?.close(error, () => this.#revisions.delete(id));
  }

  #configured(revision: Revision): RevisionThrottler {
    const throttler = this.#of(revision.id);
    throttler.configure(revision);
    return throttler;
  }

  #of(id: RevisionId): RevisionThrottler {
    const known = this.#revisions.get(id);
    if (known !== undefined) return known;
    const made = new RevisionThrottler(this.#random);
    this.#revisions.set(id, made);
    return made;
  }
}
