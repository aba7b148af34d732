import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ActiveInput, type Condition, nextCondition } from "./active.ts";

const since = 5;
const inactive: Condition = { state: "inactive", reason: "NoTraffic", since };
const timedOut: Condition = { state: "inactive", reason: "TimedOut", since };
const activating: Condition = { state: "activating", reason: "Queued", since };
const active: Condition = { state: "active", reason: "", since };

/** `knative.md` 3.8; one row per line of the table, twice where "any" hides a difference. */
test.each<[Condition, number, [ready: number, of: number], string]>([
  [activating, 0, [0, 1], "inactive TimedOut"],
  [activating, 0, [5, 1], "inactive TimedOut"],
  [activating, 5, [5, 0], "inactive NoTraffic"],
  [active, 0, [1, 1], "inactive NoTraffic"],
  [active, 3, [3, 0], "inactive NoTraffic"],
  [inactive, 0, [0, 1], "inactive NoTraffic"],
  [inactive, 1, [0, 1], "activating Queued"],
  [active, 3, [1, 2], "activating Queued"],
  [activating, 1, [1, 1], "active "],
  [inactive, 3, [1, 1], "active "],
  [inactive, -1, [0, 1], "inactive NoTraffic"],
  [timedOut, -1, [0, 1], "inactive NoTraffic"],
  [active, -1, [0, 1], "activating Queued"],
  [activating, -1, [0, 1], "activating Queued"],
  [inactive, -1, [1, 1], "inactive NoTraffic"],
  [timedOut, -1, [1, 1], "inactive TimedOut"],
  [activating, -1, [1, 1], "active "],
  [active, -1, [1, 1], "active "],
])("%j want %i ready, of %j: %s", (before, want, [ready, minReady], after) => {
  const { state, reason } = nextCondition(before, { want, ready, minReady }, 9);
  expect(`${state} ${reason}`).toBe(after);
});

test("since moves exactly when state or reason change", () => {
  const inputs = fc.record({
    want: fc.integer({ min: -1, max: 5 }),
    ready: fc.integer({ min: 0, max: 5 }),
    minReady: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(inputs), (steps: readonly ActiveInput[]) => {
      let condition: Condition = activating;
      for (const [i, input] of steps.entries()) {
        const after = nextCondition(condition, input, 100 + i);
        const same = after.state === condition.state && after.reason === condition.reason;
        expect(after.since).toBe(same ? condition.since : 100 + i);
        condition = after;
      }
    }),
  );
});
