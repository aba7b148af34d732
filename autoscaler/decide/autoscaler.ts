import { SECOND, type Nanos } from "#core/clock.ts";
import { pilotlightRules, type Rules } from "#core/divergences.ts";
import { bucketOf } from "#core/time-bucket.ts";
import { excessBurstCapacity } from "./burst-capacity.ts";
import type { Advice, DeciderSpec, Observed } from "./decider.ts";
import { currentMax, maxWindow, recordMax, resizeMaxWindow, type MaxWindow } from "./max-window.ts";
import { nextPanic, raisePanic, startPanic, type PanicState } from "./panic.ts";
import { podCount } from "./pod-count.ts";
import { limitedPods, rateLimits, rawPods } from "./scale-rate.ts";

/** What a revision's decisions carry from one to the next. Immutable. */
export interface AutoscalerState {
  readonly panic: PanicState;
  /** The scale-down delay; undefined = none. */
  readonly delay: MaxWindow | undefined;
}

/** Length of one slot of the scale-down delay: one tick. */
const TICK = 2 * SECOND;

/** The state of a revision that nothing was decided for yet. A count that failed is 0 ready pods. */
export const initialState = (spec: DeciderSpec, readyPods: number, now: Nanos): AutoscalerState => ({
  panic: startPanic(readyPods, now),
  delay: spec.scaleDownDelay > 0 ? maxWindow(spec.scaleDownDelay, TICK) : undefined,
});

/**
 * One evaluation (`knative.md` 3.5), Knative's UniScaler to the bit: load → pods → rates → activation scale →
 * panic → scale-down delay. Times are nanoseconds since any one instant and normally never go back.
 */
export const decide = (
  spec: DeciderSpec,
  observed: Observed,
  before: { readonly state: AutoscalerState; readonly now: Nanos },
  rules: Rules = pilotlightRules,
): { readonly advice: Advice; readonly state: AutoscalerState } => {
  const { state, now } = before;
  // No pod at all counts as one here, or nothing could ever be multiplied up from zero.
  const pods = Math.max(1, observed.readyPods);
  const limits = rateLimits(spec, pods);
  const rawStable = rawPods(observed.stable, spec);
  const rawPanic = rawPods(observed.panic, spec);
  const limitedStable = limitedPods(rawStable, spec, limits, rules);
  const limitedPanic = limitedPods(rawPanic, spec, limits, rules);

  const over = rawPanic / pods >= spec.panicThreshold;
  const wanted = Math.max(limitedStable, limitedPanic);
  const panic = raisePanic(nextPanic(state.panic, over, { now, stableWindow: spec.stableWindow }), wanted);
  const panicking = panic.kind === "panicking";
  const beforeDelay = panicking ? panic.pods : limitedStable;

  const delay = nextDelay(state.delay, spec, { now, pods: beforeDelay }, rules);
  const desired = delay !== undefined && spec.reachable ? currentMax(delay) : beforeDelay;
  const excess = excessBurstCapacity(spec, observed.readyPods, observed.panic);
  return {
    advice: {
      desired,
      excessBurstCapacity: podCount(excess, rules),
      panicking,
      // Spelled out: an object that begins with a spread gets a shape of its own, 300 bytes that
      // only a full collection frees, five thousand times a second.
      evaluation: {
        maxUp: limits.maxUp,
        maxDown: limits.maxDown,
        rawStable,
        rawPanic,
        limitedStable,
        limitedPanic,
        beforeDelay,
        overPanicThreshold: over,
      },
    },
    state: { panic, delay },
  };
};

/** The delay after this decision: neither fed nor applied while unreachable. */
const nextDelay = (
  window: MaxWindow | undefined,
  spec: DeciderSpec,
  { now, pods }: { readonly now: Nanos; readonly pods: number },
  rules: Rules,
): MaxWindow | undefined => {
  const delay = rules["scale-down-delay-reloads"] ? reloaded(window, spec.scaleDownDelay) : window;
  return delay === undefined || !spec.reachable ? delay : recordMax(delay, bucketOf(now, TICK), pods);
};

const reloaded = (window: MaxWindow | undefined, length: Nanos): MaxWindow | undefined => {
  if (length <= 0) return undefined;
  return window === undefined ? maxWindow(length, TICK) : resizeMaxWindow(window, length, TICK);
};
