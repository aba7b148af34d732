/** The autoscaler's metrics, and what each is read from. */
import { Counter, Histogram, type Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";
import { registerLiveGauges } from "./live-gauges.ts";
import type { Subject } from "./subject.ts";

/** Why a workload was told another number of pods. */
export type Cause = "load" | "panic" | "idle" | "bounds";

export interface AutoscalerMetrics {
  readonly late: (ms: Millis) => void;
  readonly scaled: (id: RevisionId, direction: "up" | "down", cause: Cause) => void;
  readonly failed: (id: RevisionId) => void;
  readonly received: (outcome: "recorded" | "unknown-service", count: number) => void;
  readonly rejected: (fault: string, count: number) => void;
  /** A revision went: its labels go with it. */
  readonly forget: (id: RevisionId) => void;
}

const SERVICE = ["service"] as const;

/** Registers every metric of the autoscaler; `subjects` are those it looks after at the time of a scrape. */
export const autoscalerMetrics = (
  registry: Registry,
  subjects: () => Iterable<Subject>,
): AutoscalerMetrics => {
  registerLiveGauges(registry, subjects);
  const counters = countersOf(registry);
  return {
    late: (ms) => counters.lateness.observe(ms / 1000),
    scaled: (service, direction, cause) => counters.changes.inc({ service, direction, cause }),
    failed: (service) => counters.failures.inc({ service }),
    received: (outcome, count) => counters.stats.inc({ outcome }, count),
    rejected: (reason, count) => counters.rejected.inc({ reason }, count),
    forget: (service) => {
      counters.failures.remove({ service });
      for (const direction of ["up", "down"] as const)
        for (const cause of causes) counters.changes.remove({ service, direction, cause });
    },
  };
};

const causes: readonly Cause[] = ["load", "panic", "idle", "bounds"];

const countersOf = (registry: Registry) => ({
  lateness: new Histogram({
    name: "pilotlight_autoscaler_tick_lateness_seconds",
    help: "How long after its time a decision's tick came.",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers: [registry],
  }),
  changes: new Counter({
    name: "pilotlight_autoscaler_scale_changes_total",
    help: "Times a workload was told another number of pods, and why.",
    labelNames: ["service", "direction", "cause"],
    registers: [registry],
  }),
  failures: new Counter({
    name: "pilotlight_autoscaler_failures_total",
    help: "Times a Service's pods could not be counted, or its workload not be read or told.",
    labelNames: SERVICE,
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
