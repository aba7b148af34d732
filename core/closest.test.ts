import { expect, test } from "vitest";
import { closest } from "./closest.ts";

const words = ["min-scale", "max-scale", "window"];

test.each([
  ["min-scal", "min-scale"],
  ["minscale", "min-scale"],
  ["max_scale", "max-scale"],
  ["window", "window"],
  ["widnow", "window"],
  ["target", undefined],
  ["", undefined],
  ["w", undefined],
])("%j → %j", (word, expected) => {
  expect(closest(word, words)).toBe(expected);
});
