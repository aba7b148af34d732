import { expect, test } from "vitest";
import { readServerTiming } from "./through.ts";

test.each<[string | string[] | undefined, [string, number][]]>([
  [undefined, []],
  ["", []],
  ["cold;dur=12.5", [["cold", 12.5]]],
  [
    'db;desc="a";dur=1, cold;dur=2',
    [
      ["db", 1],
      ["cold", 2],
    ],
  ],
  [
    ["a;dur=1", "b;dur=2"],
    [
      ["a", 1],
      ["b", 2],
    ],
  ],
  ["cache;desc=hit, cold;dur=0", [["cold", 0]]],
])("Server-Timing %j", (value, phases) => {
  expect([...readServerTiming(value)]).toEqual(phases);
});
