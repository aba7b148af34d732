import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatGoFixed, formatGoFloat } from "./go-format.ts";
import { parseGoBool, parseGoFloat, parseGoInt, parseGoInt32 } from "./go-number.ts";

/** The answers are those of Go 1.26.8. */
describe("floats", () => {
  test.each([
    ["1", 1],
    ["+3", 3],
    ["-0", -0],
    [".5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1_000", 1000],
    ["1_0.0_1e1_0", 100_100_000_000],
    ["0x1p4", 16],
    ["0X_1.8P-1", 0.75],
    ["0x1p-1074", 5e-324],
    ["0x1p-1075", 0],
    ["0x1.8p-1075", 5e-324],
    ["0x1.fffffffffffff7fp1023", Number.MAX_VALUE],
    ["0x1.00000000000008p0", 1],
    ["0x1.000000000000081p0", 1 + Number.EPSILON],
    ["1e-400", 0],
    ["Inf", Infinity],
    ["+infinity", Infinity],
    ["-iNF", -Infinity],
    ["nAn", NaN],
    ["0.1000000000000000055511151231257827021181583404541015625", 0.1],
  ])("%s is %d", (text, value) => {
    expect(parseGoFloat(text)).toEqual({ ok: true, value });
  });

  test.each([
    "",
    " 1",
    "1 ",
    "1,5",
    "1.5.2",
    "1e",
    "e1",
    ".",
    "_1",
    "1_",
    "1__0",
    "1_.5",
    "1._5",
    "0x10",
    "0x",
    "0xp1",
    "0x.p1",
    "+nan",
    "-NaN",
    "infin",
    "1f",
    "١",
    "--1",
    "0x1p",
    "0x1p_1",
    "0_x1p1",
    "0b1",
  ])("%j is none", (text) => {
    const error = `strconv.ParseFloat: parsing "${text}": invalid syntax`;
    expect(parseGoFloat(text)).toEqual({ ok: false, kind: "syntax", error });
  });

  test.each(["1e400", "-1e400", "0x1p1024", "0x1.fffffffffffff8p1023"])("%s does not fit", (text) => {
    const error = `strconv.ParseFloat: parsing "${text}": value out of range`;
    expect(parseGoFloat(text)).toEqual({ ok: false, kind: "range", error });
  });

  test.each([
    [0, "0"],
    [-0, "-0"],
    [123456, "123456"],
    [1234567, "1.234567e+06"],
    [1e6, "1e+06"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [-1.5, "-1.5"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e21, "1e+21"],
    [1.5e-300, "1.5e-300"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [NaN, "NaN"],
  ])("%d prints as %s", (value, text) => {
    expect(formatGoFloat(value)).toBe(text);
  });

  test.each([
    [0, "0.000000"],
    [-1e-9, "-0.000000"],
    [0.0078125, "0.007812"],
    [0.0234375, "0.023438"],
    [1.0000005, "1.000001"],
    [-2, "-2.000000"],
    [1e22, "10000000000000000000000.000000"],
    [5e-324, "0.000000"],
    [Infinity, "+Inf"],
    [NaN, "NaN"],
  ])("%d prints as %s with six decimals", (value, text) => {
    expect(formatGoFixed(value)).toBe(text);
  });

  test("what is printed reads back the same", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseGoFloat(formatGoFloat(value))).toEqual({ ok: true, value });
      }),
    );
  });

  test("hex floats are exact", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -1200, max: 1100 }), (mantissa, power) => {
        const sign = mantissa < 0 ? "-" : "";
        const result = parseGoFloat(`${sign}0x${Math.abs(mantissa).toString(16)}p${power}`);
        const exact =
          power < -1000 ? mantissa * 2 ** (power + 200) * 2 ** -200 : mantissa * 2 ** (power - 60) * 2 ** 60;
        if (result.ok) expect(result.value + 0).toBe(exact + 0);
        else expect(Math.abs(exact)).toBe(Infinity);
      }),
    );
  });
});

describe("whole numbers", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["+7", 7],
    ["007", 7],
    ["2147483647", 2_147_483_647],
    ["-2147483648", -2_147_483_648],
  ])("%s is %i", (text, value) => {
    expect(parseGoInt32(text)).toEqual({ ok: true, value });
  });

  test.each([
    ["", "syntax"],
    ["-", "syntax"],
    ["1.0", "syntax"],
    ["1_000", "syntax"],
    ["0x1", "syntax"],
    [" 1", "syntax"],
    ["4294967295x", "syntax"],
    ["4294967296x", "range"],
    ["2147483648", "range"],
    ["-2147483649", "range"],
    ["99999999999999999999", "range"],
  ])("%j fails by its %s", (text, kind) => {
    const words = kind === "syntax" ? "invalid syntax" : "value out of range";
    const error = `strconv.ParseInt: parsing "${text}": ${words}`;
    expect(parseGoInt32(text)).toEqual({ ok: false, kind, error });
  });

  test("64 bits, by the name of the function that Go would call", () => {
    expect(parseGoInt("9223372036854775807", 64)).toEqual({ ok: true, value: 2n ** 63n - 1n });
    expect(parseGoInt("-9223372036854775808", 64)).toEqual({ ok: true, value: -(2n ** 63n) });
    expect(parseGoInt("9223372036854775808", 64, "Atoi")).toMatchObject({
      error: 'strconv.Atoi: parsing "9223372036854775808": value out of range',
    });
  });
});

test.each(["1", "t", "T", "TRUE", "true", "True"])("%s is true", (text) => {
  expect(parseGoBool(text)).toEqual({ ok: true, value: true });
});

test.each(["0", "f", "F", "FALSE", "false", "False"])("%s is false", (text) => {
  expect(parseGoBool(text)).toEqual({ ok: true, value: false });
});

test.each([
  ["yes", '"yes"'],
  ["tRUE", '"tRUE"'],
  [' "\\\n', '" \\"\\\\\\n"'],
  ["a\u0000\u007f", '"a\\x00\\x7f"'],
  ["é😀", '"é😀"'],
  ["\u00a0\u0085", '"\\u00a0\\u0085"'],
  ["\u{e0001}", '"\\U000e0001"'],
])("%j is neither, and is quoted as %s", (text, quoted) => {
  expect(parseGoBool(text)).toMatchObject({ error: `strconv.ParseBool: parsing ${quoted}: invalid syntax` });
});
