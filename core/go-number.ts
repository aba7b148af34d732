/**
 * Numbers as Go reads them (strconv of Go 1.26), so that every setting means what it means to Knative and every
 * error text is the same. Nothing here throws.
 */
import { goQuote } from "./go-quote.ts";
import { shiftRightHalfEven } from "./half-even.ts";

export type GoResult<T> =
  | { readonly ok: true; readonly value: T }
  /** `kind` tells text that is no number from a number that does not fit; `error` is Go's text. */
  | { readonly ok: false; readonly kind: "syntax" | "range"; readonly error: string };

type GoFailure = Extract<GoResult<never>, { ok: false }>;

const fail = (func: string, text: string, kind: "syntax" | "range"): GoFailure => ({
  ok: false,
  kind,
  error: `strconv.${func}: parsing ${goQuote(text)}: ${kind === "syntax" ? "invalid syntax" : "value out of range"}`,
});

/** `strconv.ParseBool`. */
export const parseGoBool = (text: string): GoResult<boolean> => {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return { ok: true, value: true };
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return { ok: true, value: false };
  return fail("ParseBool", text, "syntax");
};

/**
 * `strconv.ParseInt(text, 10, bits)`: sign and decimal digits only. Like Go it stops at the digit that no longer
 * fits, so garbage behind it goes unnoticed and the error is "out of range".
 */
export const parseGoInt = (text: string, bits: 32 | 64, func = "ParseInt"): GoResult<bigint> => {
  const negative = text.startsWith("-");
  const digits = negative || text.startsWith("+") ? text.slice(1) : text;
  if (digits === "") return fail(func, text, "syntax");
  const unsignedMax = (1n << BigInt(bits)) - 1n;
  let value = 0n;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return fail(func, text, "syntax");
    value = value * 10n + BigInt(digit);
    if (value > unsignedMax) return fail(func, text, "range");
  }
  const limit = 1n << BigInt(bits - 1);
  if (negative ? value > limit : value >= limit) return fail(func, text, "range");
  return { ok: true, value: negative ? -value : value };
};

/** `strconv.ParseInt(text, 10, 32)` as a number. */
export const parseGoInt32 = (text: string): GoResult<number> => {
  const result = parseGoInt(text, 32);
  return result.ok ? { ok: true, value: Number(result.value) } : result;
};

const UNSIGNED_DECIMAL = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const UNSIGNED_HEX = /^0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;
/** Underscores stand between digits, or between a base prefix and a digit; letters are digits only in hex. */
const BAD_UNDERSCORE = /(?<![0-9])_|_(?![0-9])/;
const BAD_UNDERSCORE_HEX = /(?<![0-9a-fA-F]|^0[xX])_|_(?![0-9a-fA-F])/;

/** `strconv.ParseFloat(text, 64)`: decimal and hex floats, underscores, `Inf`, `Infinity`, `NaN` in any case. */
export const parseGoFloat = (text: string): GoResult<number> => {
  if (/^nan$/i.test(text)) return { ok: true, value: Number.NaN };
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text;
  if (/^inf(?:inity)?$/i.test(unsigned)) return { ok: true, value: sign * Number.POSITIVE_INFINITY };
  const value = unsignedFloat(unsigned);
  if (value === undefined) return fail("ParseFloat", text, "syntax");
  if (value === Number.POSITIVE_INFINITY) return fail("ParseFloat", text, "range");
  return { ok: true, value: sign * value };
};

const unsignedFloat = (text: string): number | undefined => {
  const bare = text.replaceAll("_", "");
  if (/^0[xX]/.test(text)) {
    return BAD_UNDERSCORE_HEX.test(text) ? undefined : hexFloat(bare);
  }
  if (BAD_UNDERSCORE.test(text) || !UNSIGNED_DECIMAL.test(bare)) return undefined;
  return Number(bare);
};

const hexFloat = (text: string): number | undefined => {
  const match = UNSIGNED_HEX.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", power = ""] = match;
  if (whole + fraction === "") return undefined;
  // Go stops counting an exponent there too; everything beyond is 0 or infinite anyway.
  const exponent = Math.max(-99_999, Math.min(99_999, Number(power)));
  return roundToDouble(BigInt(`0x${whole}${fraction}`), exponent - 4 * fraction.length);
};

/** The double nearest to `mantissa * 2^exponent`, ties to even; infinity when there is none. */
const roundToDouble = (mantissa: bigint, exponent: number): number => {
  if (mantissa === 0n) return 0;
  const length = mantissa.toString(2).length;
  // A double has 53 bits, fewer below 2^-1022: its last bit is never worth less than 2^-1074.
  const drop = Math.max(length - 53, -1074 - exponent);
  const kept = drop <= 0 ? mantissa << BigInt(-drop) : shiftRightHalfEven(mantissa, BigInt(drop));
  if (exponent + drop > 1023) return Number.POSITIVE_INFINITY;
  return scaleByPowerOfTwo(Number(kept), exponent + drop);
};

/** Exact, because `value` has at most 53 bits and the last one stays at or above 2^-1074. */
const scaleByPowerOfTwo = (value: number, power: number): number =>
  power < -1000 ? value * 2 ** -1000 * 2 ** (power + 1000) : value * 2 ** power;
