import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConnectionLimit } from "./connection-limit.ts";

test("never more than allowed for any key, and no trace of those that have gone", () => {
  const step = fc.record({ key: fc.constantFrom("a", "b", "c"), enters: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const limit = new ConnectionLimit<string>();
      const counts = new Map<string, number>();
      for (const { key, enters } of steps) {
        const count = counts.get(key) ?? 0;
        expect(limit.allows(key, 3)).toBe(count < 3);
        if (enters && count < 3) {
          limit.enter(key);
          counts.set(key, count + 1);
        } else if (!enters && count > 0) {
          limit.leave(key);
          counts.set(key, count - 1);
        }
      }
      expect(limit.size).toBe([...counts.values()].filter((count) => count > 0).length);
    }),
  );
});

test("0 is no limit", () => {
  const limit = new ConnectionLimit<string>();
  for (let i = 0; i < 100; i++) limit.enter("a");
  expect([limit.allows("a", 0), limit.allows("a", 101), limit.allows("a", 100)]).toEqual([true, true, false]);
});
