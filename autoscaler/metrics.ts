/** The autoscaler's metrics, and what each is read from. */
import { Counter, Histogram, type Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";
import { registerLiveMetrics } from "./live-metrics.ts";
import type { Subject } from "./subject.ts";

export interface AutoscalerMetrics {
  readonly late: (ms: Millis) => void;
  readonly received: (outcome: "recorded" | "unknown-service", count: number) => void;
  readonly rejected: (fault: string, count: number) => void;
}

/**
 * Registers every metric of the autoscaler; `subjects` are those it looks after at the time of a scrape. What is
 * told per revision is read from them, and so goes when they go.
 */
export const autoscalerMetrics = (
  registry: Registry,
  subjects: () => Iterable<Subject>,
): AutoscalerMetrics => {
  registerLiveMetrics(registry, subjects);
  const counters = countersOf(registry);
  return {
    late: (ms) => counters.lateness.observe(ms / 1000),
    received: (outcome, count) => counters.stats.inc({ outcome }, count),
    rejected: (reason, count) => counters.rejected.inc({ reason }, count),
  };
};

const countersOf = (registry: Registry) => ({
  lateness: new Histogram({
    name: "pilotlight_autoscaler_tick_lateness_seconds",
    help: "How long after its time a decision's tick came.",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers: [registry],
  }),
  stats: new Counter({
    name: "pilotlight_autoscaler_stats_total",
    help: "Stats that came from activators: recorded, or of a Service that is not known.",
    labelNames: ["outcome"],
    registers: [registry],
  }),
  rejected: new Counter({
    name: "pilotlight_autoscaler_stats_rejected_total",
    help: "Frames and stats that were dropped because they cannot be right.",
    labelNames: ["reason"],
    registers: [registry],
  }),
});
