import type { Rules } from "#core/divergences.ts";
import { goInt32 } from "#core/go-arithmetic.ts";

const MAX_INT32 = 2 ** 31 - 1;

/** Cuts a computed number of pods down to a whole 32-bit number. */
export const podCount = (value: number, rules: Rules): number =>
  rules["pod-count-saturates"] && value > MAX_INT32 ? MAX_INT32 : goInt32(value);
