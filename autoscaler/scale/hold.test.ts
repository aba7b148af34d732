import { expect, test } from "vitest";
import { holdOf } from "./hold.ts";

const base = { coveredSince: 0, missing: [], windowMs: 60_000 };

test("nothing holds once a full window was seen", () => {
  expect(holdOf(base, 60_000)).toBeUndefined();
});

test("until then the rest of the window does", () => {
  expect(holdOf(base, 12_340)).toEqual({
    code: "window-not-full",
    text: "seen for 12.3 s of the window of 60.0 s",
    until: 60_000,
  });
});

test("without anybody who could report it lasts until somebody can", () => {
  expect(holdOf({ ...base, coveredSince: undefined }, 1e9)).toEqual({
    code: "no-reporter",
    text: "no activator is connected",
    until: Infinity,
  });
});

test("of several reasons the longest is told", () => {
  const missing = [
    { name: "a", until: 70_000 },
    { name: "b", until: 65_000 },
  ];
  expect(holdOf({ ...base, missing }, 50_000)).toEqual({
    code: "reporter-lost",
    text: "fell silent with requests under way: a, b",
    until: 70_000,
  });
  expect(holdOf({ ...base, missing, coveredSince: 20_000 }, 50_000)!.code).toBe("window-not-full");
  expect(holdOf({ ...base, missing }, 70_000)).toBeUndefined();
});
