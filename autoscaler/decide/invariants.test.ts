import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SECOND } from "#core/clock.ts";
import { decide, initialState } from "./autoscaler.ts";
import { differsEnough, type DeciderSpec, type DeciderStatus } from "./decider.ts";

/** The invariants 3 to 5 of `knative.md` 10.1. */

const spec: fc.Arbitrary<DeciderSpec> = fc.record({
  maxScaleUpRate: fc.double({ min: 1.001, max: 1000, noNaN: true }),
  maxScaleDownRate: fc.double({ min: 1.001, max: 1000, noNaN: true }),
  scalingMetric: fc.constant("concurrency"),
  targetValue: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  totalValue: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  targetBurstCapacity: fc.oneof(fc.constantFrom(-1, 0), fc.double({ min: 0, max: 1000, noNaN: true })),
  activatorCapacity: fc.constant(100),
  panicThreshold: fc.double({ min: 1.1, max: 10, noNaN: true }),
  stableWindow: fc.integer({ min: 6, max: 120 }).map((seconds) => seconds * SECOND),
  scaleDownDelay: fc.constant(0),
  initialScale: fc.integer({ min: 0, max: 10 }),
  reachable: fc.boolean(),
  activationScale: fc.integer({ min: 0, max: 20 }),
});

const load = fc.double({ min: 0, max: 5000, noNaN: true });
const tick = fc.record({
  after: fc.integer({ min: 1, max: 30 }),
  readyPods: fc.integer({ min: 0, max: 300 }),
  stable: load,
  panic: load,
});
const run = fc.tuple(spec, fc.integer({ min: 0, max: 20 }), fc.array(tick, { minLength: 1, maxLength: 40 }));

test("3: pods lie between what the rates allow, the activation scale, and the floor of the panic", () => {
  fc.assert(
    fc.property(run, ([spec, start, ticks]) => {
      let state = initialState(spec, start, 0);
      let now = 0;
      for (const observed of ticks) {
        now += observed.after * SECOND;
        const floorBefore = state.panic.pods;
        const result = decide(spec, observed, { state, now });
        state = result.state;
        const { desired, evaluation } = result.advice;
        expect(desired).toBeGreaterThanOrEqual(evaluation.maxDown);
        expect(desired).toBeLessThanOrEqual(Math.max(evaluation.maxUp, spec.activationScale, floorBefore));
      }
    }),
  );
});

test("4: a panic never asks for fewer pods, and lasts a stable window beyond the last time over the threshold", () => {
  fc.assert(
    fc.property(run, ([spec, start, ticks]) => {
      let state = initialState(spec, start, 0);
      let now = 0;
      let before: number | undefined;
      let lastOver = start > 1 ? 0 : undefined;
      for (const observed of ticks) {
        now += observed.after * SECOND;
        const result = decide(spec, observed, { state, now });
        state = result.state;
        const { desired, panicking, evaluation } = result.advice;
        if (evaluation.overPanicThreshold) lastOver = now;
        expect(panicking).toBe(lastOver !== undefined && now <= lastOver + spec.stableWindow);
        if (!panicking) lastOver = undefined;
        if (panicking && before !== undefined) expect(desired).toBeGreaterThanOrEqual(before);
        before = panicking ? desired : undefined;
      }
    }),
  );
});

test("5: the owner looks at another number of pods, or at the other side of the path, and at nothing else", () => {
  const status: fc.Arbitrary<DeciderStatus> = fc.record({
    desired: fc.integer({ min: -1, max: 3 }),
    excessBurstCapacity: fc.integer({ min: -3, max: 3 }),
  });
  fc.assert(
    fc.property(status, status, (before, after) => {
      const sides = [before, after].map(({ excessBurstCapacity }) =>
        excessBurstCapacity < 0 ? "in" : "out",
      );
      expect(differsEnough(before, after)).toBe(before.desired !== after.desired || sides[0] !== sides[1]);
    }),
  );
});
