/** From advice to what the workload is told, by hold, bounds, the way to zero and the condition. */
import type { Settings } from "#core/annotations/settings.ts";
import { type Millis, millisOf, type Nanos } from "#core/clock.ts";
import { type Condition, nextCondition } from "./active.ts";
import type { Hold } from "./hold.ts";
import { applyBounds, boundsInForce, readyThreshold } from "./scale-bounds.ts";

/** What is known of a revision when its number of pods is settled. */
export interface ScaleView {
  /** What the autoscaler advises; −1 = not known yet. */
  readonly advice: number;
  /** What the workload is told now. */
  readonly told: number;
  readonly readyPods: number;
  readonly condition: Condition;
  /** Whether it once had all the pods it starts with. Never taken back. */
  readonly initialised: boolean;
  readonly hold: Hold | undefined;
}

/** One thing that changed the number on its way. */
interface Limit {
  readonly code: "min-scale" | "initial-scale" | "max-scale" | "scale-to-zero" | Hold["code"];
  readonly text: string;
}

export interface ScalePlan {
  /** Pods it should have; −1 = not known. */
  readonly want: number;
  /** Whether the workload is to be told. */
  readonly apply: boolean;
  readonly condition: Condition;
  readonly initialised: boolean;
  /** When to look again, if nothing else happens before. */
  readonly againAt: Millis;
  readonly limits: readonly Limit[];
  /** Whether it is held by something that may end before its time: look at every tick. */
  readonly mayEndEarly: boolean;
}

/** The way to zero: a function of the number that is left after bounds. */
export type ToZero = (desired: number) => {
  readonly scale: number;
  readonly apply: boolean;
  readonly againAfter?: Nanos;
};

type Settled = Pick<ScalePlan, "want" | "apply" | "againAt" | "mayEndEarly">;

const handsOff: Settled = { want: -1, apply: false, againAt: Infinity, mayEndEarly: false };

/**
 * From the advice to what the workload is told, in Knative's order (`knative.md` 3.7, 3.8): hold → bounds → the
 * way to zero → the Active condition. Pure.
 */
export const planScale = (view: ScaleView, settings: Settings, toZero: ToZero, now: Millis): ScalePlan => {
  const limits: Limit[] = [];
  const unknown = view.advice < 0 && view.condition.state !== "activating";
  const settled = unknown ? handsOff : settle(view, settings, limits, { toZero, now });
  const minReady = readyThreshold(settings, view.initialised);
  const ready = view.readyPods;
  // Spelled out: an object that begins with a spread costs 300 bytes more, a shape of its own each.
  return {
    want: settled.want,
    apply: settled.apply,
    againAt: settled.againAt,
    mayEndEarly: settled.mayEndEarly,
    limits,
    condition: nextCondition(view.condition, { want: settled.want, ready, minReady }, now),
    initialised: view.initialised || ready >= minReady,
  };
};

const settle = (
  view: ScaleView,
  settings: Settings,
  limits: Limit[],
  { toZero, now }: { readonly toZero: ToZero; readonly now: Millis },
): Settled => {
  const held = holdUp(view, limits);
  const bounded = bound(held.desired, { view, settings, limits });
  const { scale, apply, againAfter } = toZero(bounded);
  if (scale !== bounded)
    limits.push({ code: "scale-to-zero", text: `${scale < 0 ? "as it is" : scale} instead of ${bounded}` });
  const after = againAfter === undefined ? Infinity : now + millisOf(againAfter);
  return { want: scale, apply, againAt: Math.min(held.againAt, after), mayEndEarly: held.mayEndEarly };
};

/** A held revision keeps what it is told, but is never told more because of it. */
const holdUp = ({ advice, told, hold }: ScaleView, limits: Limit[]) => {
  if (hold === undefined || told <= advice) return { desired: advice, againAt: Infinity, mayEndEarly: false };
  limits.push({ code: hold.code, text: `${told} instead of ${Math.max(0, advice)}: ${hold.text}` });
  return { desired: told, againAt: hold.until, mayEndEarly: hold.code !== "window-not-full" };
};

interface Bounding {
  readonly view: ScaleView;
  readonly settings: Settings;
  readonly limits: Limit[];
}

const bound = (desired: number, { view, settings, limits }: Bounding): number => {
  const bounds = boundsInForce(settings, view.initialised);
  const bounded = applyBounds(desired, bounds);
  const code = bounds.min > settings.bounds.min ? "initial-scale" : "min-scale";
  if (bounded > Math.max(0, desired)) limits.push({ code, text: `${code} ${bounds.min}` });
  if (bounded < desired) limits.push({ code: "max-scale", text: `max-scale ${bounds.max}, not ${desired}` });
  return bounded;
};
