import type { Nanos } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";
import { RequestStats } from "./request-stats.ts";

/** What is told of one revision for one period. */
export interface Load {
  readonly id: RevisionId;
  /** Average of requests under way, waiting ones included. */
  readonly concurrency: number;
  /** Arrivals. */
  readonly requestCount: number;
}

/** A request under way; given back to `leave`. */
export interface Entered {
  readonly entry: Entry;
  /** To be told at once: the first request of a revision that nothing was known of. */
  readonly first: Load | undefined;
}

interface Entry {
  readonly stats: RequestStats;
  requests: number;
  /** 1 until the report after the first request, which was told at once and is taken off there. */
  told: 0 | 1;
}

/**
 * The revisions with load and what to tell of them (`knative.md` 4.8). A revision is forgotten after a period in
 * which it had no request at all, once that zero was reported; so there is always a trailing zero, and its next
 * request is a first one again.
 */
export class RevisionLoad {
  readonly #entries = new Map<RevisionId, Entry>();

  /** Revisions that are known, in no order. */
  ids(): RevisionId[] {
    return [...this.#entries.keys()];
  }

  enter(id: RevisionId, now: Nanos): Entered {
    const known = this.#entries.get(id);
    const entry = known ?? { stats: new RequestStats(now), requests: 0, told: 1 };
    if (known === undefined) this.#entries.set(id, entry);
    entry.requests++;
    entry.stats.requestIn(now);
    return { entry, first: known === undefined ? { id, concurrency: 1, requestCount: 1 } : undefined };
  }

  leave({ entry }: Entered, now: Nanos): void {
    entry.stats.requestOut(now);
    entry.requests--;
  }

  /** Everything since the last report. */
  report(now: Nanos): Load[] {
    const loads: Load[] = [];
    for (const [id, entry] of this.#entries) {
      const { averageConcurrency, requestCount } = entry.stats.report(now);
      loads.push({
        id,
        concurrency: Math.max(averageConcurrency - entry.told, 0),
        requestCount: requestCount - entry.told,
      });
      entry.told = 0;
      if (averageConcurrency === 0 && entry.requests === 0) this.#entries.delete(id);
    }
    return loads;
  }
}
