/** Floats as Go prints them (fmt of Go 1.26), for error texts that equal Knative's. */

import { shiftRightHalfEven } from "./half-even.ts";
/** A float as Go's `%v` and `%g` print it: shortest text that reads back the same, `1e+06` from 7 digits on. */
export const formatGoFloat = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = ""] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) return `${mantissa}e${exponentSign(exponent)}`;
  return plainDecimal(mantissa, exponent);
};

const exponentSign = (exponent: number): string =>
  `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;

/** `d.ddd` times 10^exponent without an exponent. */
const plainDecimal = (mantissa: string, exponent: number): string => {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
};

/** A float as Go's `%f` prints it: six decimals of the exact value, ties to even. */
export const formatGoFixed = (value: number): string => {
  if (!Number.isFinite(value)) return formatGoFloat(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const digits = millionths(Math.abs(value)).toString().padStart(7, "0");
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

/** `value * 10^6` as the nearest whole number; exact, because a double is a whole number times a power of two. */
const millionths = (value: number): bigint => {
  let power = 0;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    power += 1;
  }
  const scaled = BigInt(whole) * 1_000_000n;
  return power === 0 ? scaled : shiftRightHalfEven(scaled, BigInt(power));
};
