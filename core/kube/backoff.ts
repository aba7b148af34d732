import type { Millis } from "#core/clock.ts";

export interface BackoffOptions {
  readonly firstMs: Millis;
  readonly maxMs: Millis;
}

/**
 * How long to wait before attempt `failures + 1`: exponential, and anywhere between half of it and the whole,
 * so that many clients of a server that comes back do not arrive together. `random` is in [0, 1).
 */
export const backoff = (failures: number, options: BackoffOptions, random: number): Millis => {
  const whole = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(failures, 30));
  return whole / 2 + (whole / 2) * random;
};
