import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyGlob, globMatcher } from "./glob.ts";

test.each([
  ["/healthz", "/healthz", true],
  ["/healthz", "/healthz/", false],
  ["/a/*", "/a/", true],
  ["/a/*", "/a", false],
  ["*bot*", "a bot here", true],
  ["*bot*", "robot", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["*ab*ab*", "xabx", false],
  ["*ab*ab", "xabab", true],
  ["a*b*b", "ab", false],
  ["**", "", true],
  ["a.c", "abc", false],
  ["[a]", "a", false],
])("%s and %s: %s", (glob, text, matches) => {
  expect(globMatcher(glob)(text)).toBe(matches);
});

test("as the regular expression that a glob stands for", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 12 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 20 });
  fc.assert(
    fc.property(letters, text, (glob, text) => {
      expect(globMatcher(glob)(text)).toBe(new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(text));
    }),
  );
});

test("what would hold up a regular expression for years is over at once", () => {
  expect(globMatcher(`${"*a".repeat(100)}*b`)("a".repeat(2048))).toBe(false);
});

test("a text beyond all measure does not match", () => {
  expect(globMatcher("*")("a".repeat(2049))).toBe(false);
});

test("any of several, none of none", () => {
  expect(anyGlob(["/a", "/b*"])("/bc")).toBe(true);
  expect(anyGlob([])("/bc")).toBe(false);
});
