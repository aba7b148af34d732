import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../test/helpers/fake-clock.ts";
import { Phases } from "./phases.ts";
import { TickQueue } from "./tick-queue.ts";

const recorder = (seen: number[], value: number, clock: FakeClock, start: number) => ({
  tick: () => void seen.push(value, clock.now() - start),
});

test("tickers are called in order of time, each at its time, with one timer", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), async (times) => {
      const clock = new FakeClock();
      const start = clock.now();
      const queue = new TickQueue(clock);
      const seen: { at: number; due: number; late: number }[] = [];
      for (const due of times) {
        queue.add(start + due, { tick: (late) => seen.push({ at: clock.now() - start, due, late }) });
        expect(clock.pending).toBe(1);
      }
      await clock.advance(50);
      expect(seen.map(({ due }) => due)).toEqual(times.toSorted((a, b) => a - b));
      expect(seen.every(({ at, due, late }) => at === due && late === 0)).toBe(true);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("a disposed entry is passed over, a cleared queue is silent and holds no timer", async () => {
  const clock = new FakeClock();
  const start = clock.now();
  const queue = new TickQueue(clock);
  const seen: number[] = [];
  const first = queue.add(start + 10, recorder(seen, 1, clock, start));
  queue.add(start + 20, recorder(seen, 2, clock, start));
  first[Symbol.dispose]();
  await clock.advance(20);
  expect(seen).toEqual([2, 20]);
  queue.add(start + 30, recorder(seen, 3, clock, start));
  queue.clear();
  expect(clock.pending).toBe(0);
  await clock.advance(100);
  expect(seen).toEqual([2, 20]);
});

test("a ticker may queue itself again, also for a time that is past, without starving others", async () => {
  const clock = new FakeClock();
  const queue = new TickQueue(clock);
  let calls = 0;
  const again = {
    tick: () => {
      if (++calls < 5) queue.add(clock.now() - 1, again);
    },
  };
  queue.add(clock.now() + 1, again);
  await clock.advance(5);
  expect(calls).toBe(5);
});

test("lateness is told when the process could not be there in time", async () => {
  const clock = new FakeClock();
  const queue = new TickQueue(clock);
  const late: number[] = [];
  queue.add(clock.now() - 250, { tick: (ms) => void late.push(ms) });
  await clock.advance(0);
  expect(late).toEqual([250]);
});

test("10,000 that appear at one instant are spread evenly over the period", () => {
  const phases = new Phases(2000, 100);
  const now = 1_000_000_007;
  const perInstant = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const at = phases.next(phases.take(now), now);
    expect(at - now).toBeGreaterThan(0);
    expect(at - now).toBeLessThanOrEqual(2000);
    perInstant.set(at, (perInstant.get(at) ?? 0) + 1);
  }
  expect(perInstant.size).toBe(100);
  expect(new Set(perInstant.values())).toEqual(new Set([100]));
});

test("a lone one waits a whole period, up to the grain", () => {
  const phases = new Phases(2000, 100);
  expect(phases.next(phases.take(10_000), 10_000)).toBe(12_000);
  const other = new Phases(2000, 100);
  expect(other.next(other.take(10_013), 10_013)).toBe(12_000);
});

test("a phase that was given back is taken again first", () => {
  const phases = new Phases(2000, 4);
  const taken = [0, 1, 2, 3].map(() => phases.take(0));
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  phases.release(2);
  expect(phases.take(0)).toBe(2);
});
