import type { Nanos } from "#core/clock.ts";
import { smoothingFactor, silenceWeight } from "./smoothing.ts";
import type { TimedBuckets } from "./timed-buckets.ts";

/** The average of a window as of `now`; one function per aggregation algorithm. */
export type WindowAverage = (buckets: TimedBuckets, now: Nanos) => number;

/** Every second of the window weighs the same. Six decimals, halves away from zero. */
export const linearAverage: WindowAverage = (buckets, now) => roundToMillionths(buckets.average(now));

/**
 * The latest second weighs most, each one before it less by a constant factor (`knative.md` 3.2). The weights do
 * not add up to 1: a lone value counts `factor` times. Not rounded.
 */
export const weightedAverage: WindowAverage = (buckets, now) => {
  if (buckets.isEmpty(now)) return 0;
  const factor = smoothingFactor(buckets.length);
  const silence = Math.max(0, buckets.bucket(now) - buckets.last);
  let weight = silence === 0 ? factor : factor * silenceWeight(1 - factor, silence);
  let average = 0;
  for (let age = 0; age < buckets.length - silence; age++) {
    average += buckets.at(buckets.last - age) * weight;
    weight *= 1 - factor;
  }
  return average;
};

/** By the annotation `metric-aggregation-algorithm`; anything unknown is linear. */
export const windowAverage = (algorithm: string): WindowAverage =>
  algorithm === "weighted-exponential" ? weightedAverage : linearAverage;

const roundToMillionths = (value: number): number => {
  const scaled = value * 1e6;
  const whole = Math.trunc(scaled);
  const rounded = Math.abs(scaled - whole) >= 0.5 ? whole + Math.sign(scaled) : whole;
  return rounded / 1e6;
};
