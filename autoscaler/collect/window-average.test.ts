import { expect, test } from "vitest";
import { SECOND } from "#core/clock.ts";
import { silenceWeight, smoothingFactor } from "./smoothing.ts";
import { TimedBuckets } from "./timed-buckets.ts";
import { linearAverage, weightedAverage, windowAverage } from "./window-average.ts";

const filled = (length: number, values: readonly number[]) => {
  const buckets = new TimedBuckets(length * SECOND, SECOND);
  for (const [i, value] of values.entries()) buckets.record((100 + i) * SECOND, value);
  return buckets;
};

/** `knative.md` 3.2. */
test("the latest second weighs most", () => {
  expect(weightedAverage(filled(5, [2, 3, 4, 5, 6]), 104 * SECOND)).toBeCloseTo(5.812, 3);
});

test("weights do not add up to 1: a lone value of 10 in a minute is 2", () => {
  expect(weightedAverage(filled(60, [10]), 100 * SECOND)).toBe(2);
});

test("silence decays it, until nothing is left after a window", () => {
  const buckets = filled(6, [10]);
  const values = [0, 1, 2, 5, 6, 7].map((silence) => weightedAverage(buckets, (100 + silence) * SECOND));
  expect(values.toSorted((a, b) => b - a)).toEqual(values);
  expect(values[0]).toBeCloseTo(7.845565, 6);
  expect(values[3]).toBeGreaterThan(0);
  expect(values.slice(4)).toEqual([0, 0]);
});

test("a late write weighs by its own age", () => {
  const buckets = filled(10, [0, 0, 0, 8]);
  buckets.record(101 * SECOND, 4);
  const factor = smoothingFactor(10);
  expect(weightedAverage(buckets, 103 * SECOND)).toBeCloseTo(8 * factor + 4 * factor * (1 - factor) ** 2, 12);
});

test.each([
  ["weighted-exponential", weightedAverage],
  ["linear", linearAverage],
  ["", linearAverage],
  ["LINEAR", linearAverage],
])("algorithm %j", (name, average) => {
  expect(windowAverage(name)).toBe(average);
});

test.each([
  [1, 0.9999],
  [6, 0.784557],
  [30, 0.264358],
  [41, 0.201198],
  [42, 0.2],
  [3600, 0.2],
])("factor of %i buckets", (buckets, want) => {
  expect(smoothingFactor(buckets)).toBeCloseTo(want, 6);
});

test("powers are those of repeated multiplication, down to nothing", () => {
  for (const base of [0.8, 0.5, 0.216, 0.0001]) {
    for (let count = 0; count < 60; count++) {
      expect(silenceWeight(base, count) / base ** count).toBeCloseTo(1, 12);
    }
  }
  expect(silenceWeight(0.0001, 1_000_000)).toBe(0);
  expect(silenceWeight(0.5, 1074)).toBe(5e-324);
});
