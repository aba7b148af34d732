/** Arithmetic where Go differs from JavaScript. All of Go's on amd64. */

import { SECOND, type Nanos } from "./clock.ts";

const TWO_63 = 2 ** 63;

/** Float to int64: toward zero; what does not fit, NaN included, becomes the smallest int64. */
export const goInt64 = (value: number): number =>
  value >= -TWO_63 && value < TWO_63 ? Math.trunc(value) : -TWO_63;

/** Float to int32: toward zero; what does not fit, NaN included, becomes the smallest int32. */
export const goInt32 = (value: number): number => {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole + 0 : -(2 ** 31);
};

/** `math.Max`: +Inf wins over NaN. */
export const goMax = (a: number, b: number): number =>
  a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY
    ? Number.POSITIVE_INFINITY
    : Math.max(a, b);

/** `math.Min`: -Inf wins over NaN. */
export const goMin = (a: number, b: number): number =>
  a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY
    ? Number.NEGATIVE_INFINITY
    : Math.min(a, b);

/** `Duration.Seconds()`: whole seconds plus the rest, which can differ in the last bit from one division. */
export const inSeconds = (nanos: Nanos): number => {
  const rest = nanos % SECOND;
  return (nanos - rest) / SECOND + rest / SECOND;
};
