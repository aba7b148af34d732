import * as fc from "fast-check";
import { expect, test } from "vitest";
import { QuietTime } from "./quiet-time.ts";

test.each([
  ["nothing is known", [], 0],
  ["too little is known", [120, 130], 0],
  ["half of the shortest", [140, 120, 130], 60],
  ["never above 100 ms", [1000, 1000, 1000], 100],
  ["old ones are forgotten", [4, 100, 100, 100, 100, 100, 100, 100, 100], 50],
])("%s", (_, waits, want) => {
  const quiet = new QuietTime();
  for (const wait of waits) quiet.add(wait);
  expect(quiet.ms).toBe(want);
});

test("no more than half of any of the last waits", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 10_000, noNaN: true })), (waits) => {
      const quiet = new QuietTime();
      for (const wait of waits) quiet.add(wait);
      for (const wait of waits.slice(-8)) expect(quiet.ms).toBeLessThanOrEqual(wait / 2);
    }),
  );
});
