import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SECOND } from "#core/clock.ts";
import { TimedBuckets } from "./timed-buckets.ts";
import { linearAverage } from "./window-average.ts";

const window = (seconds: number) => new TimedBuckets(seconds * SECOND, SECOND);
const write = (buckets: TimedBuckets, ...values: (readonly [second: number, value: number])[]) => {
  for (const [second, value] of values) buckets.record(second * SECOND, value);
  return buckets;
};
const at = (buckets: TimedBuckets, second: number) => linearAverage(buckets, second * SECOND);
const rising = [1, 2, 3, 4, 5].map((value) => [value, value] as const);

/** `knative.md` 3.2 and appendix A.3. */
describe("a window of five seconds", () => {
  test("never written is empty and 0", () => {
    expect(window(5).isEmpty(0)).toBe(true);
    expect(at(window(5), 9)).toBe(0);
  });

  test("one write counts at once", () => {
    expect(at(write(window(5), [7, 1]), 7)).toBe(1);
  });

  test("silence at the end shortens the divisor, silence between writes is zeros", () => {
    const buckets = write(window(5), ...rising);
    expect(at(buckets, 5)).toBe(3);
    expect(at(buckets, 7)).toBe(4);
    expect(at(write(buckets, [7, 91]), 7)).toBe(20.6);
  });

  test("a write exactly a window later, and a late one before it", () => {
    const buckets = write(window(5), ...rising, [10, 1984]);
    expect(at(buckets, 10)).toBe(1984);
    expect(at(write(buckets, [7, 4]), 10)).toBe(497);
    expect(at(write(buckets, [11, 5]), 11)).toBe((4 + 1984 + 5) / 5);
    expect(at(write(buckets, [8, 10]), 11)).toBe((4 + 10 + 1984 + 5) / 5);
    expect(at(write(buckets, [6, 100], [5, 100]), 11)).toBe((4 + 10 + 1984 + 5) / 5);
  });

  test("records of one second add up", () => {
    expect(at(write(window(5), [1, 1], [1.999, 10]), 1)).toBe(11);
  });

  test("descending writes: only the last window counts", () => {
    const buckets = window(5);
    for (let second = 18; second >= 10; second--) write(buckets, [second, 5]);
    expect(at(buckets, 18)).toBe(5);
  });

  test("at exactly one window of silence it is 0 but not empty", () => {
    const buckets = write(window(5), [3, 7]);
    expect([buckets.isEmpty(8 * SECOND), at(buckets, 8)]).toEqual([false, 0]);
    expect(buckets.isEmpty(9 * SECOND)).toBe(true);
  });

  test("six decimals, halves away from zero", () => {
    expect(at(write(window(5), [1, 0.0000005]), 1)).toBe(0.000001);
    expect(at(write(window(5), [1, 0.0000004]), 1)).toBe(0);
    expect(at(write(window(5), [1, -0.0000005]), 1)).toBe(-0.000001);
  });
});

describe("resize", () => {
  test("grow, write, shrink", () => {
    const buckets = write(window(5), ...rising, [6, 6]);
    buckets.resize(10 * SECOND, 6 * SECOND);
    expect(at(buckets, 6)).toBe(4);
    expect(at(write(buckets, [7, 7]), 7)).toBe(4.5);
    buckets.resize(4 * SECOND, 7 * SECOND);
    expect(at(buckets, 7)).toBe(5.5);
  });

  test("a young window counts as if it had been full", () => {
    const buckets = write(window(5), [1, 10]);
    buckets.resize(6 * SECOND, 1 * SECOND);
    expect(at(buckets, 1)).toBe(2);
  });

  test("one without recent data starts afresh, but is no longer empty when it grows beyond its silence", () => {
    const buckets = write(window(5), [1, 10]);
    buckets.resize(60 * SECOND, 20 * SECOND);
    expect([buckets.isEmpty(20 * SECOND), at(buckets, 20)]).toEqual([false, 0]);
  });
});

/** `knative.md` 10.1, invariants 1 and 2. Whole numbers, so that order cannot hide behind rounding. */
describe("invariants", () => {
  const value = fc.integer({ min: 0, max: 1000 });

  test("1: written every second, the average is the mean of the last window's sums", () => {
    const seconds = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), {
      minLength: 5,
      maxLength: 40,
    });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 1e9 }), (list, start) => {
        const buckets = window(5);
        const sums: number[] = [];
        for (const [i, values] of list.entries()) {
          for (const one of values) write(buckets, [start + i, one]);
          sums.push(values.reduce((a, b) => a + b, 0));
        }
        const last = sums.slice(-5);
        const mean = last.reduce((a, b) => a + b, 0) / 5;
        expect(at(buckets, start + list.length - 1)).toBeCloseTo(mean, 6);
      }),
    );
  });

  test("2: within a window the order of writes does not matter", () => {
    const writes = fc.uniqueArray(fc.tuple(fc.integer({ min: 100, max: 104 }), value), {
      minLength: 1,
      maxLength: 12,
    });
    const shuffled = writes.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 104, max: 112 }), ([one, other], now) => {
        expect(at(write(window(5), ...one), now)).toBe(at(write(window(5), ...other), now));
      }),
    );
  });
});
