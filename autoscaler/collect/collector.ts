import { SECOND, type Nanos } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";
import type { Stat } from "#core/stat.ts";
import { TimedBuckets } from "./timed-buckets.ts";
import { windowAverage, type WindowAverage } from "./window-average.ts";

/** What to collect of one revision (Knative's Metric, `knative.md` 3.4). */
export interface MetricSpec {
  readonly stableWindow: Nanos;
  readonly panicWindow: Nanos;
  /** Read only when the collection is made. */
  readonly algorithm: string;
  /** Whether its pods are asked too. Then silence means that nothing is known; otherwise it means no load. */
  readonly scraped: boolean;
}

export type Values =
  | { readonly ok: true; readonly stable: number; readonly panic: number }
  /** Not collected at all, or nothing heard for longer than the stable window. */
  | { readonly ok: false; readonly reason: "notcollecting" | "nodata" };

const notCollecting: Values = { ok: false, reason: "notcollecting" };
const noData: Values = { ok: false, reason: "nodata" };

interface Series {
  readonly stable: TimedBuckets;
  readonly panic: TimedBuckets;
}

interface Collection {
  spec: MetricSpec;
  readonly average: WindowAverage;
  readonly concurrency: Series;
  readonly rps: Series;
}

/** Revision → its windows (`knative.md` 3.3). Stats of revisions that are not collected are dropped. */
export class Collector {
  readonly #collections = new Map<RevisionId, Collection>();

  /** Starts to collect, or changes the windows of what is collected. `now` is the wall clock. */
  createOrUpdate(id: RevisionId, spec: MetricSpec, now: Nanos): void {
    const collection = this.#collections.get(id);
    if (collection === undefined) {
      this.#collections.set(id, newCollection(spec));
      return;
    }
    collection.spec = spec;
    for (const { stable, panic } of [collection.concurrency, collection.rps]) {
      stable.resize(spec.stableWindow, now);
      panic.resize(spec.panicWindow, now);
    }
  }

  delete(id: RevisionId): void {
    this.#collections.delete(id);
  }

  /** Adds one stat; false when the revision is not collected. */
  record(id: RevisionId, now: Nanos, stat: Stat): boolean {
    const collection = this.#collections.get(id);
    if (collection === undefined) return false;
    // What came through an activator was counted there.
    write(
      collection.concurrency,
      now,
      stat.averageConcurrentRequests - stat.averageProxiedConcurrentRequests,
    );
    write(collection.rps, now, stat.requestCount - stat.proxiedRequestCount);
    return true;
  }

  /** Both averages of a metric as of `now`; any name but `rps` means concurrency. */
  observe(id: RevisionId, metric: string, now: Nanos): Values {
    const collection = this.#collections.get(id);
    if (collection === undefined) return notCollecting;
    const { stable, panic } = metric === "rps" ? collection.rps : collection.concurrency;
    if (collection.spec.scraped && stable.isEmpty(now)) return noData;
    return { ok: true, stable: collection.average(stable, now), panic: collection.average(panic, now) };
  }
}

const newCollection = (spec: MetricSpec): Collection => {
  const series = (): Series => ({
    stable: new TimedBuckets(spec.stableWindow, SECOND),
    panic: new TimedBuckets(spec.panicWindow, SECOND),
  });
  return { spec, average: windowAverage(spec.algorithm), concurrency: series(), rps: series() };
};

const write = ({ stable, panic }: Series, now: Nanos, value: number): void => {
  stable.record(now, value);
  panic.record(now, value);
};
