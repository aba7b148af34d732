/** Metrics per revision that are read from the revisions at each scrape and kept nowhere else. */
import type { Metric, Registry } from "prom-client";
import { changesIn } from "./causes.ts";
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
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly labelNames: readonly string[];
}

/** Registers them all; `subjects` are those looked after at the time of a scrape. */
export const registerLiveMetrics = (registry: Registry, subjects: () => Iterable<Subject>): void => {
  const register = registrar(registry);
  for (const [name, [help, read]] of Object.entries(gauges)) {
    const described = { name: PREFIX + name, help, type: "gauge", labelNames: ["service"] } as const;
    register(described, () => samples(subjects(), read));
  }
  register(failures, () => samples(subjects(), (subject) => subject.failures || undefined));
  register(changes, () => changeSamples(subjects()));
};

const failures: Described = {
  name: `${PREFIX}failures_total`,
  help: "Times a Service's pods could not be counted, or its workload not be read or told.",
  type: "counter",
  labelNames: ["service"],
};

const changes: Described = {
  name: `${PREFIX}scale_changes_total`,
  help: "Times a workload was told another number of pods, and why.",
  type: "counter",
  labelNames: ["service", "direction", "cause"],
};

/**
 * prom-client's own metrics would keep a value for every revision and label from one scrape to the next: 40 MB for
 * 10,000 revisions. A registry only asks a metric for its name, and for its values when it is read; it asks all
 * of them at once, so they take turns with whatever else the process has to do.
 */
const registrar = (registry: Registry) => {
  let turn: Promise<void> = Promise.resolve();
  const nextTurn = (): Promise<void> => {
    turn = turn.then(() => new Promise((resolve) => void setImmediate(resolve)));
    return turn;
  };
  return (described: Described, read: () => Iterable<Sample>): void => {
    const whole = { ...described, aggregator: "sum" };
    const get = async (): Promise<object> => {
      await nextTurn();
      return { ...whole, values: [...read()] };
    };
    registry.registerMetric({ ...whole, get, reset: () => undefined } as unknown as Metric);
  };
};

function* samples(subjects: Iterable<Subject>, read: Read): Generator<Sample> {
  for (const subject of subjects) {
    const value = read(subject);
    if (value !== undefined) yield { labels: { service: subject.id }, value };
  }
}

function* changeSamples(subjects: Iterable<Subject>): Generator<Sample> {
  for (const { id, changes: counts } of subjects)
    for (const { direction, cause, count } of changesIn(counts))
      yield { labels: { service: id, direction, cause }, value: count };
}
