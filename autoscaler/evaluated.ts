/** Keeps the last evaluation of each revision, written over in place. */
import type { Millis } from "#core/clock.ts";
import type { Advice, Evaluation, Observed } from "./decide/decider.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The last evaluation of a revision, for whoever asks why. It is written over at each tick: thousands of objects
 * that live for just two seconds would be the bulk of what the collector of garbage has to do.
 */
export interface Evaluated {
  readonly at: Millis;
  readonly observed: Observed;
  /** Before bounds. */
  readonly desired: number;
  readonly excessBurstCapacity: number;
  readonly evaluation: Evaluation;
}

/** What a store for evaluations looks like before the first; its numbers are doubles from the start. */
const empty = (): Evaluated => ({
  at: NaN,
  observed: { readyPods: 0, stable: NaN, panic: NaN },
  desired: -1,
  excessBurstCapacity: 0,
  evaluation: {
    rawStable: 0,
    rawPanic: 0,
    maxUp: 0,
    maxDown: 0,
    limitedStable: 0,
    limitedPanic: 0,
    beforeDelay: 0,
    overPanicThreshold: false,
  },
});

/** Writes an evaluation into `into`, or into a new store, and gives that. */
export const store = (
  into: Evaluated | undefined,
  at: Millis,
  observed: Observed,
  advice: Advice,
): Evaluated => {
  const target = (into ?? empty()) as Writable<Evaluated>;
  target.at = at;
  const seen = target.observed as Writable<Observed>;
  seen.readyPods = observed.readyPods;
  seen.stable = observed.stable;
  seen.panic = observed.panic;
  target.desired = advice.desired;
  target.excessBurstCapacity = advice.excessBurstCapacity;
  storeEvaluation(target.evaluation, advice.evaluation);
  return target;
};

const storeEvaluation = (target: Writable<Evaluation>, evaluation: Evaluation): void => {
  target.rawStable = evaluation.rawStable;
  target.rawPanic = evaluation.rawPanic;
  target.maxUp = evaluation.maxUp;
  target.maxDown = evaluation.maxDown;
  target.limitedStable = evaluation.limitedStable;
  target.limitedPanic = evaluation.limitedPanic;
  target.beforeDelay = evaluation.beforeDelay;
  target.overPanicThreshold = evaluation.overPanicThreshold;
};
