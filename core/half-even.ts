/** `value / 2^bits` rounded to the nearest whole number, ties to even; `value` ≥ 0, `bits` ≥ 1. */
export const shiftRightHalfEven = (value: bigint, bits: bigint): bigint => {
  const quotient = value >> bits;
  const rest = value - (quotient << bits);
  const half = 1n << (bits - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
};
