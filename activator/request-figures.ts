import type { Metric, Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";
import type { Revision, RevisionId } from "#core/revision.ts";

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

interface Figures {
  readonly labels: { readonly namespace: string; readonly service: string };
  readonly codes: Map<number, number>;
  /** One for each upper bound, and one for what is beyond the last. */
  readonly buckets: number[];
  seconds: number;
}

export interface FigureNames {
  readonly counter: { readonly name: string; readonly help: string };
  readonly histogram: { readonly name: string; readonly help: string };
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
}

/**
 * Counts of requests by status and their durations, as prom-client would have them. It builds and hashes a set of
 * labels for each value, which is a tenth of all that a request costs; here that is done when metrics are read.
 */
export class RequestFigures {
  readonly #names: FigureNames;
  readonly #revisions = new Map<RevisionId, Figures>();

  constructor(registry: Registry, names: FigureNames) {
    this.#names = names;
    const labelNames = ["namespace", "service"];
    const { counter, histogram } = names;
    register(registry, { ...counter, type: "counter", labelNames: [...labelNames, "code"] }, () =>
      this.#all(counts),
    );
    register(registry, { ...histogram, type: "histogram", labelNames }, () =>
      this.#all((figures) => this.#durations(figures)),
    );
  }

  ended(revision: Revision, code: number, durationMs: Millis | undefined): void {
    const figures = this.#revisions.get(revision.id) ?? this.#add(revision);
    figures.codes.set(code, (figures.codes.get(code) ?? 0) + 1);
    if (durationMs === undefined) return;
    const seconds = durationMs / 1000;
    const { bounds } = this.#names;
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]!) at++;
    figures.buckets[at]!++;
    figures.seconds += seconds;
  }

  remove(id: RevisionId): void {
    this.#revisions.delete(id);
  }

  #add({ id, namespace, name }: Revision): Figures {
    const buckets = Array.from({ length: this.#names.bounds.length + 1 }, () => 0);
    const made = {
      labels: { namespace, service: name },
      codes: new Map<number, number>(),
      buckets,
      seconds: 0,
    };
    this.#revisions.set(id, made);
    return made;
  }

  #all(samples: (figures: Figures) => Sample[]): Sample[] {
    return [...this.#revisions.values()].flatMap(samples);
  }

  #durations({ labels, buckets, seconds }: Figures): Sample[] {
    const { bounds, histogram } = this.#names;
    let below = 0;
    const samples: Sample[] = buckets.map((count, i) => {
      below += count;
      return {
        metricName: `${histogram.name}_bucket`,
        labels: { ...labels, le: bounds[i] ?? "+Inf" },
        value: below,
      };
    });
    if (below === 0) return [];
    samples.push({ metricName: `${histogram.name}_sum`, labels, value: seconds });
    samples.push({ metricName: `${histogram.name}_count`, labels, value: below });
    return samples;
  }
}

const counts = ({ labels, codes }: Figures): Sample[] =>
  [...codes].map(([code, value]) => ({ labels: { ...labels, code }, value }));

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "histogram";
  readonly labelNames: readonly string[];
}

/** A registry only asks a metric for its name and, when it is read, for its values. */
const register = (registry: Registry, described: Described, values: () => Sample[]): void => {
  const metric = {
    ...described,
    aggregator: "sum",
    get: () => Promise.resolve({ ...described, aggregator: "sum", values: values() }),
    reset: () => {},
  };
  registry.registerMetric(metric as unknown as Metric);
};
