import * as fc from "fast-check";
import { expect, test } from "vitest";
import { expand, expandEnv } from "./expand.ts";

test.each([
  ["$(A)", "1"],
  ["--port=$(A)$(B)", "--port=12"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$1"],
  ["$$$$(A)", "$$(A)"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$(A", "$(A"],
  ["$", "$"],
  ["$A", "$A"],
  ["$()", "$()"],
  ["$(toString)", "$(toString)"],
  ["$(A)(B)", "1(B)"],
])("%s becomes %s", (text, expanded) => {
  expect(expand(text, { A: "1", B: "2" })).toBe(expanded);
});

test("doubling every dollar sign of a text keeps it as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("$", "(", ")", "A", "x") }), (text) => {
      expect(expand(text.replaceAll("$", "$$$$"), { A: "1" })).toBe(text);
    }),
  );
});

test("a value refers to variables before it, and what is given wins", () => {
  const env = [
    { name: "PORT", value: "8080" },
    { name: "URL", value: "http://x:$(PORT)/$(LATER)" },
    { name: "LATER", value: "y" },
  ];
  expect(expandEnv(env, { PORT: "20001" })).toEqual({
    PORT: "20001",
    URL: "http://x:20001/$(LATER)",
    LATER: "y",
  });
});
