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

const phasesOf = (clock: FakeClock, count: number) =>
  new Phases({ clock, queue: new TickQueue(clock), period: 2000, count });

test("10,000 that appear at one instant are spread evenly over the period, with one timer", async () => {
  const clock = new FakeClock(1_000_000_007);
  const phases = phasesOf(clock, 100);
  const perInstant = new Map<number, number>();
  const tick = (): void => void perInstant.set(clock.now(), (perInstant.get(clock.now()) ?? 0) + 1);
  for (let i = 0; i < 10_000; i++) phases.join({ tick });
  expect(clock.pending).toBe(1);
  await clock.advance(2000);
  expect(perInstant.size).toBe(100);
  expect(new Set(perInstant.values())).toEqual(new Set([100]));
});

test("a lone one has its first tick a whole period later, up to the grain, and then one each period", async () => {
  const clock = new FakeClock(10_013);
  const seen: number[] = [];
  const member = phasesOf(clock, 100).join({ tick: () => void seen.push(clock.now()) });
  await clock.advance(7000);
  expect(seen).toEqual([12_000, 14_000, 16_000]);
  member[Symbol.dispose]();
  await clock.advance(4000);
  expect(seen).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

test("a place that was left is taken again first", async () => {
  const clock = new FakeClock(0);
  const phases = phasesOf(clock, 4);
  const seen: number[] = [];
  const members = [0, 1, 2, 3].map(() => phases.join({ tick: () => undefined }));
  members[2]![Symbol.dispose]();
  phases.join({ tick: () => void seen.push(clock.now()) });
  await clock.advance(2000);
  expect(seen).toEqual([1000]); // Taken were 2000, 1500, 1000 and 500, in that order.
});
