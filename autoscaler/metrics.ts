/** The autoscaler's metrics, and what each is read from. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";
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

/** What is read from the subjects at each scrape, so that decisions cost no metric calls. */
const perRevision: Record<string, readonly [help: string, read: (subject: Subject) => number | undefined]> = {
  wanted_pods: ["Pods a Service should have; -1 = not known yet.", ({ plan }) => plan?.want ?? -1],
  told_pods: ["Pods its workload was last told to have.", ({ told }) => told],
  ready_pods: ["Pods that are ready.", ({ counts }) => counts?.ready],
  not_ready_pods: ["Pods that run but are not ready.", ({ counts }) => counts?.notReady],
  pending_pods: ["Pods that do not run yet.", ({ counts }) => counts?.pending],
  terminating_pods: ["Pods that are going.", ({ counts }) => counts?.terminating],
  panic_mode: ["1 while in panic.", ({ state }) => (state?.panic.kind === "panicking" ? 1 : 0)],
  stable_value: [
    "Average of the metric over the stable window.",
    ({ evaluated }) => evaluated?.observed.stable,
  ],
  panic_value: ["Average of the metric over the panic window.", ({ evaluated }) => evaluated?.observed.panic],
  target_value: ["Metric units aimed at per pod.", ({ spec }) => spec.targetValue],
  excess_burst_capacity: [
    "Metric units that could arrive at once without queueing in pods.",
    ({ evaluated, status }) => (evaluated ?? status).excessBurstCapacity,
  ],
};

/** Registers every metric of the autoscaler; `subjects` are those it looks after at the time of a scrape. */
export const autoscalerMetrics = (
  registry: Registry,
  subjects: () => Iterable<Subject>,
): AutoscalerMetrics => {
  for (const [name, [help, read]] of Object.entries(perRevision))
    gauge(registry, { name, help }, () => rows(subjects(), read));
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

type Row = readonly [service: RevisionId, value: number];

function* rows(subjects: Iterable<Subject>, read: (subject: Subject) => number | undefined): Generator<Row> {
  for (const subject of subjects) {
    const value = read(subject);
    if (value !== undefined) yield [subject.id, value];
  }
}

const gauge = (
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
  read: () => Iterable<Row>,
): Gauge =>
  new Gauge({
    name: `pilotlight_autoscaler_${name}`,
    help,
    labelNames: SERVICE,
    registers: [registry],
    collect() {
      this.reset();
      for (const [service, value] of read()) this.set({ service }, value);
    },
  });

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
