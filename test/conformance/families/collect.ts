import { SECOND } from "#core/clock.ts";
import { Collector, type MetricSpec } from "../../../autoscaler/collect/collector.ts";
import { isEmptyStat } from "../../../autoscaler/collect/sample-stats.ts";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { Checks, number, type Replay } from "../family.ts";
import { readStat } from "../stats.ts";

interface Op {
  readonly op: string;
  readonly t?: number;
  readonly metric?: Readonly<Record<string, unknown>>;
  readonly stat?: Readonly<Record<string, unknown>>;
  readonly stable?: unknown;
  readonly panic?: unknown;
  readonly err?: string;
}

interface Scrape {
  readonly stat?: Readonly<Record<string, unknown>>;
}

const ID = "default/rev";

export const replay: Replay = (test) => {
  const checks = new Checks();
  const collector = new Collector();
  const scrapes = [...((test.scrapes as readonly Scrape[] | undefined) ?? [])];
  let nextScrape = Number.POSITIVE_INFINITY;

  /** The scraper as production runs it: every second, whatever it brings is recorded unless it is nothing. */
  const scrapeUntil = (t: number): void => {
    for (; nextScrape <= t && scrapes.length > 0; nextScrape += SECOND) {
      const stat = readStat(scrapes.shift()?.stat);
      if (!isEmptyStat(stat)) collector.record(ID, nextScrape, stat);
    }
  };

  for (const [i, op] of (test.ops as readonly Op[]).entries()) {
    const t = number(op.t);
    if (op.op !== "stat") scrapeUntil(t);
    if (op.op === "metric") {
      collector.createOrUpdate(ID, readMetric(op.metric ?? {}), t);
      nextScrape = Math.min(nextScrape, t + SECOND);
    } else if (op.op === "delete") {
      collector.delete(ID);
    } else if (op.op === "stat") {
      collector.record(ID, t, readStat(op.stat));
    } else {
      const got = collector.observe(ID, op.op, t);
      const want = { stable: op.stable, panic: op.panic, err: op.err };
      checks.check(
        `ops[${i}] ${op.op}`,
        want,
        got.ok ? { stable: got.stable, panic: got.panic } : { err: got.reason },
      );
    }
  }
  return checks.differences;
};

/** The algorithm as the annotation gives it to production. */
const readMetric = (metric: Readonly<Record<string, unknown>>): MetricSpec => {
  const text = metric.algorithm as string | undefined;
  const annotations: Record<string, string> =
    text === undefined ? {} : { "autoscaling.knative.dev/metric-aggregation-algorithm": text };
  return {
    stableWindow: number(metric.stableWindow),
    panicWindow: number(metric.panicWindow),
    algorithm: resolveSettings(annotations, defaultConfig).algorithm,
    scraped: ((metric.scrapeTarget as string | undefined) ?? "") !== "",
  };
};
