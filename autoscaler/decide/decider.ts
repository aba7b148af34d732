import type { Nanos } from "#core/clock.ts";

/** What is wanted of a revision: annotations and config, resolved (`knative.md` 3.6). Immutable. */
export interface DeciderSpec {
  /** Largest ratio of one decision to the ready pods. */
  readonly maxScaleUpRate: number;
  /** Largest ratio of the ready pods to one decision. */
  readonly maxScaleDownRate: number;
  /** `rps`; anything else means concurrency. */
  readonly scalingMetric: string;
  /** Metric units aimed at per pod; ≥ 0.01. */
  readonly targetValue: number;
  /** Metric units that a pod can take. */
  readonly totalValue: number;
  /** Metric units; −1 = without limit, 0 = none. */
  readonly targetBurstCapacity: number;
  /** Metric units per activator. */
  readonly activatorCapacity: number;
  /** Ratio of wanted to ready pods at which panic begins. */
  readonly panicThreshold: number;
  readonly stableWindow: Nanos;
  /** 0 = none. */
  readonly scaleDownDelay: Nanos;
  readonly initialScale: number;
  /** Whether traffic can arrive; otherwise nothing slows scaling down. */
  readonly reachable: boolean;
  /** Smallest number of pods when there is any demand; 0 and 1 = off. */
  readonly activationScale: number;
}

/** What one evaluation looks at. */
export interface Observed {
  readonly readyPods: number;
  /** Averages over the stable and the panic window of the metric that is scaled by. */
  readonly stable: number;
  readonly panic: number;
}

/** The numbers that led to an advice, for `explain`. */
export interface Evaluation {
  /** Pods that the two averages ask for, before any limit. */
  readonly rawStable: number;
  readonly rawPanic: number;
  /** The most and the fewest pods that the rates allow. */
  readonly maxUp: number;
  readonly maxDown: number;
  /** Pods after rates and activation scale. */
  readonly limitedStable: number;
  readonly limitedPanic: number;
  /** Pods after panic, before the scale-down delay. */
  readonly beforeDelay: number;
  readonly overPanicThreshold: boolean;
}

/** What the autoscaler advises. */
export interface Advice {
  /** Pods; bounds (min, max) are not applied yet. */
  readonly desired: number;
  /** Metric units that could arrive at once without queueing in pods; negative = keep the activator in the path. */
  readonly excessBurstCapacity: number;
  readonly panicking: boolean;
  readonly evaluation: Evaluation;
}

/** The last valid advice, as the owner of a revision remembers it. */
export interface DeciderStatus {
  /** −1 = not known yet. */
  readonly desired: number;
  readonly excessBurstCapacity: number;
}

/** Whether the owner must look at the revision: another number, or the other side of the path (3.6). */
export const differsEnough = (before: DeciderStatus, after: DeciderStatus): boolean =>
  before.desired !== after.desired || before.excessBurstCapacity < 0 !== after.excessBurstCapacity < 0;
