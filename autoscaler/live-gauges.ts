/** Gauges per revision that are read from the revisions at each scrape and kept nowhere. */
import type { Metric, Registry } from "prom-client";
import type { Subject } from "./subject.ts";

const PREFIX = "pilotlight_autoscaler_";

type Read = (subject: Subject) => number | undefined;

/** Name without prefix → what it means, and what it is read from. */
const gauges: Record<string, readonly [help: string, read: Read]> = {
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

interface Sample {
  readonly labels: { readonly service: string };
  readonly value: number;
}

/**
 * Registers them all. prom-client's own gauges would keep a value for every revision and gauge from one scrape to
 * the next: 30 MB for 10,000 revisions. A registry only asks a metric for its name, and for its values when it is
 * read; it asks all of them at once, so they take turns with whatever else the process has to do.
 */
export const registerLiveGauges = (registry: Registry, subjects: () => Iterable<Subject>): void => {
  let turn: Promise<void> = Promise.resolve();
  const nextTurn = (): Promise<void> => {
    turn = turn.then(() => new Promise((resolve) => void setImmediate(resolve)));
    return turn;
  };
  for (const [name, [help, read]] of Object.entries(gauges)) {
    const described = {
      name: PREFIX + name,
      help,
      type: "gauge",
      labelNames: ["service"],
      aggregator: "sum",
    };
    const get = async (): Promise<object> => {
      await nextTurn();
      return { ...described, values: [...samples(subjects(), read)] };
    };
    registry.registerMetric({ ...described, get, reset: () => undefined } as unknown as Metric);
  }
};

function* samples(subjects: Iterable<Subject>, read: Read): Generator<Sample> {
  for (const subject of subjects) {
    const value = read(subject);
    if (value !== undefined) yield { labels: { service: subject.id }, value };
  }
}
