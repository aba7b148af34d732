import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../test/helpers/fake-clock.ts";
import { TimerWheel } from "./timer-wheel.ts";

const setUp = (options?: { tickMs?: number; slots?: number }) => {
  const clock = new FakeClock();
  return { clock, wheel: new TimerWheel(clock, options) };
};

test("a timer fires once, at the first tick at or after its time", async () => {
  const { clock, wheel } = setUp({ tickMs: 50 });
  const fired: number[] = [];
  const start = clock.now();
  wheel.after(120, () => fired.push(clock.now() - start));
  await clock.advance(110);
  expect(fired).toEqual([]);
  await clock.advance(1000);
  expect(fired).toEqual([150]);
});

test("nothing ticks while no timer is set", async () => {
  const { clock, wheel } = setUp();
  expect(clock.pending).toBe(0);
  const timer = wheel.after(1000, () => {});
  expect(clock.pending).toBe(1);
  timer[Symbol.dispose]();
  await clock.advance(100);
  expect(clock.pending).toBe(0);
});

test("a disposed wheel fires nothing and leaves no timer behind", async () => {
  const { clock, wheel } = setUp();
  let fired = 0;
  for (const ms of [10, 100, 100_000]) wheel.after(ms, () => fired++);
  wheel[Symbol.dispose]();
  expect(wheel.count).toBe(0);
  expect(clock.pending).toBe(0);
  await clock.advance(200_000);
  expect(fired).toBe(0);
});

test("a timer that fires may clear another one that is due in the same tick", async () => {
  const { clock, wheel } = setUp();
  let fired = 0;
  const others: Disposable[] = [];
  for (let i = 0; i < 3; i++) {
    others.push(
      wheel.after(100, () => {
        fired++;
        for (const other of others) other[Symbol.dispose]();
      }),
    );
  }
  await clock.advance(1000);
  expect(fired).toBe(1);
  expect(wheel.count).toBe(0);
});

test("a timer that sets itself again fires again", async () => {
  const { clock, wheel } = setUp();
  let fired = 0;
  const again = () => {
    fired++;
    if (fired < 3) wheel.after(0, again);
  };
  wheel.after(0, again);
  await clock.advance(1000);
  expect(fired).toBe(3);
});

test("any mix of timers: none early, none more than a tick late, cleared ones never", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ ms: fc.nat(5000), cleared: fc.boolean() }), { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 10, maxLength: 10 }),
      async (timers, steps) => {
        const { clock, wheel } = setUp({ tickMs: 20, slots: 16 });
        const start = clock.now();
        const late: number[] = [];
        let wanted = 0;
        const total = steps.reduce((sum, step) => sum + step, 0);
        for (const { ms, cleared } of timers) {
          const timer = wheel.after(ms, () => late.push(cleared ? -1 : clock.now() - start - ms));
          if (cleared) timer[Symbol.dispose]();
          else if (ms <= total - 20) wanted++;
        }
        for (const step of steps) await clock.advance(step);
        expect(late.length).toBeGreaterThanOrEqual(wanted);
        for (const ms of late) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(20);
        }
      },
    ),
    { numRuns: 50 },
  );
});
