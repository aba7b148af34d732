import * as fc from "fast-check";
import { expect, test } from "vitest";

import { backoff } from "./backoff.ts";

test("grows, stays below the maximum, and never takes less than half of its step", () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (n, random) => {
      const wait = backoff(n, { firstMs: 200, maxMs: 5000 }, random);
      const step = Math.min(5000, 200 * 2 ** n);
      expect(wait).toBeGreaterThanOrEqual(step / 2);
      expect(wait).toBeLessThanOrEqual(step);
    }),
  );
});
