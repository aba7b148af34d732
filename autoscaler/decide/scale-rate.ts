import type { Rules } from "#core/divergences.ts";
import { goMax, goMin } from "#core/go-arithmetic.ts";
import type { DeciderSpec } from "./decider.ts";
import { podCount } from "./pod-count.ts";

/** The most and the fewest pods that one decision may ask for. */
export interface RateLimits {
  readonly maxUp: number;
  readonly maxDown: number;
}

/** 10 ready pods with rates 1000 and 2: at most 10,000, at least 5. Unreachable: at least 0. */
export const rateLimits = (spec: DeciderSpec, readyPods: number): RateLimits => ({
  maxUp: Math.ceil(spec.maxScaleUpRate * readyPods),
  maxDown: spec.reachable ? Math.floor(readyPods / spec.maxScaleDownRate) : 0,
});

/** Pods for a value, before any limit. */
export const rawPods = (value: number, spec: DeciderSpec): number => Math.ceil(value / spec.targetValue);

/** Pods within the rates, but never fewer than the activation scale when there is any demand. */
export const limitedPods = (raw: number, spec: DeciderSpec, limits: RateLimits, rules: Rules): number => {
  const pods = podCount(goMin(goMax(raw, limits.maxDown), limits.maxUp), rules);
  const { activationScale } = spec;
  return activationScale > 1 && raw > 0 && activationScale > pods ? activationScale : pods;
};
