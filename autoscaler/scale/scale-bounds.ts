import type { Settings } from "#core/annotations/settings.ts";

export interface Bounds {
  readonly min: number;
  /** 0 = no limit. */
  readonly max: number;
}

/** Pods within bounds. `min` wins when it is above `max`. */
export const applyBounds = (desired: number, { min, max }: Bounds): number => {
  if (desired < min) return min;
  return max !== 0 && desired > max ? max : desired;
};

/**
 * The bounds in force (`knative.md` 3.7). Until a revision was ready once (`initialized`), its initial scale
 * raises the minimum, unless no traffic can arrive.
 */
export const boundsInForce = (settings: Settings, initialized: boolean): Bounds => {
  const { bounds, initialScale, reachable } = settings;
  const starting = initialScale > 1 && !initialized && reachable;
  return starting ? { ...bounds, min: Math.max(initialScale, bounds.min) } : bounds;
};

/** Ready pods that make a revision active (`knative.md` 3.8). */
export const readyThreshold = ({ bounds, initialScale }: Settings, initialized: boolean): number =>
  Math.max(bounds.min, initialized ? 1 : initialScale);
