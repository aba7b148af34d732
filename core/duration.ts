/**
 * Durations as Go reads and prints them (package time of Go 1.26). Exact nanoseconds are `bigint`, because Go's
 * 64 bits do not fit a number; decisions use the nearest number (`Nanos`).
 */

export type DurationResult =
  | { readonly ok: true; readonly nanos: bigint }
  /** `error` is Go's text. */
  | { readonly ok: false; readonly error: string };

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

const LIMIT = 1n << 63n;

/** One number with its unit; the unit is everything up to the next digit or dot. */
const PART = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/;

/** `time.ParseDuration`: `1m30s`, `1.5h`, `-3ms`; a bare `0` is legal, a bare `60` is not. */
export const parseDuration = (text: string): DurationResult => {
  const invalid: DurationResult = { ok: false, error: `time: invalid duration ${quote(text)}` };
  const negative = text.startsWith("-");
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return { ok: true, nanos: 0n };
  if (rest === "") return invalid;
  let total = 0n;
  while (rest !== "") {
    const [all = "", whole = "", fraction, unitName = ""] = PART.exec(rest) ?? [];
    if (whole === "" && (fraction ?? "") === "") return invalid;
    const value = BigInt(whole === "" ? "0" : whole);
    if (value > LIMIT) return invalid;
    if (unitName === "") return { ok: false, error: `time: missing unit in duration ${quote(text)}` };
    const unit = UNITS.get(unitName);
    if (unit === undefined) {
      return { ok: false, error: `time: unknown unit ${quote(unitName)} in duration ${quote(text)}` };
    }
    if (value > LIMIT / unit) return invalid;
    const part = value * unit + fractionOf(fraction ?? "", unit);
    total += part;
    if (part > LIMIT || total > LIMIT) return invalid;
    rest = rest.slice(all.length);
  }
  if (negative) return { ok: true, nanos: -total };
  return total === LIMIT ? invalid : { ok: true, nanos: total };
};

/** `0.digits * unit` in floating point, as Go does it: digits that do not fit 63 bits are left off. */
const fractionOf = (digits: string, unit: bigint): bigint => {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
};

/** Go's `%v`: `1h0m0s`, `1m0.5s`, `250ms`, `1µs`, `0s`. */
export const formatDuration = (nanos: bigint): string => {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
};

/** `value / 10^digits` without trailing zeros. */
const decimal = (value: bigint, digits: number): string => {
  const text = value.toString().padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  const whole = text.slice(0, -digits);
  return fraction === "" ? whole : `${whole}.${fraction}`;
};

/** How package time quotes: bytes that are not ASCII, and control characters, become `\x..`. */
const quote = (text: string): string => {
  let quoted = '"';
  for (const char of text) {
    if (char === '"' || char === "\\") quoted += `\\${char}`;
    else if (char >= " " && char < "\u0080") quoted += char;
    else for (const byte of Buffer.from(char)) quoted += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${quoted}"`;
};

const SECOND = 1_000_000_000n;

/** Whether rounding to seconds changes nothing; that holds for Go's largest duration too, where rounding sticks. */
export const isWholeSeconds = (nanos: bigint): boolean => nanos % SECOND === 0n || nanos === LIMIT - 1n;
