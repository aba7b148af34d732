import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, isWholeSeconds, parseDuration } from "./duration.ts";

/** The answers are those of Go 1.26.8. */
test.each<[string, bigint, string]>([
  ["0", 0n, "0s"],
  ["-0", 0n, "0s"],
  ["60s", 60_000_000_000n, "1m0s"],
  ["1h", 3_600_000_000_000n, "1h0m0s"],
  ["1.5h", 5_400_000_000_000n, "1h30m0s"],
  ["1m30s", 90_000_000_000n, "1m30s"],
  ["-1m0.5s", -60_500_000_000n, "-1m0.5s"],
  ["+5s", 5_000_000_000n, "5s"],
  ["1.s", 1_000_000_000n, "1s"],
  [".5s.5s", 1_000_000_000n, "1s"],
  ["1500ms", 1_500_000_000n, "1.5s"],
  ["1us", 1000n, "1µs"],
  ["1µs", 1000n, "1µs"],
  ["1.5μs", 1500n, "1.5µs"],
  ["999ns", 999n, "999ns"],
  ["0.000000001s", 1n, "1ns"],
  ["0.0000000001s", 0n, "0s"],
  ["1.0000000000000000000000000000001s", 1_000_000_000n, "1s"],
  ["2562047h47m16.854775807s", 2n ** 63n - 1n, "2562047h47m16.854775807s"],
  ["-9223372036854775808ns", -(2n ** 63n), "-2562047h47m16.854775808s"],
])("%s is %i ns and prints as %s", (text, nanos, printed) => {
  expect(parseDuration(text)).toEqual({ ok: true, nanos });
  expect(formatDuration(nanos)).toBe(printed);
});

test.each([
  ["", 'invalid duration ""'],
  ["s", 'invalid duration "s"'],
  [".s", 'invalid duration ".s"'],
  ["+", 'invalid duration "+"'],
  [" 1s", 'invalid duration " 1s"'],
  ["9223372036854775808ns", 'invalid duration "9223372036854775808ns"'],
  ["2562048h", 'invalid duration "2562048h"'],
  ["9223372036s9999999999ns", 'invalid duration "9223372036s9999999999ns"'],
  ["99999999999999999999", 'invalid duration "99999999999999999999"'],
  ["60", 'missing unit in duration "60"'],
  ["1.0.0s", 'missing unit in duration "1.0.0s"'],
  ["1d", 'unknown unit "d" in duration "1d"'],
  ["1h 30m", 'unknown unit "h " in duration "1h 30m"'],
  ["6\u00a0s", 'unknown unit "\\xc2\\xa0s" in duration "6\\xc2\\xa0s"'],
  ['1"\\', 'unknown unit "\\"\\\\" in duration "1\\"\\\\"'],
  ["6s\n", 'unknown unit "s\\x0a" in duration "6s\\x0a"'],
])("%j fails: %s", (text, error) => {
  expect(parseDuration(text)).toEqual({ ok: false, error: `time: ${error}` });
});

test("what is printed reads back the same", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanos) => {
      expect(parseDuration(formatDuration(nanos))).toEqual({ ok: true, nanos });
    }),
  );
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[+-]?([0-9.]{1,25}[a-zµ ]{0,3}){1,4}$/)),
      (text) => {
        expect(parseDuration(text).ok).toBeTypeOf("boolean");
      },
    ),
  );
});

test("whole seconds; Go's rounding leaves its largest duration alone", () => {
  expect(isWholeSeconds(-3_000_000_000n)).toBe(true);
  expect(isWholeSeconds(1n)).toBe(false);
  expect(isWholeSeconds(2n ** 63n - 1n)).toBe(true);
});
