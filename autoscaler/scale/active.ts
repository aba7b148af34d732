/** The Active condition as a table of what is wanted and ready. */
import type { Millis } from "#core/clock.ts";

/** Where a revision stands (`knative.md` 3.8, condition Active: False, Unknown, True). */
export type ActiveState = "inactive" | "activating" | "active";

export interface Condition {
  readonly state: ActiveState;
  /** Kubernetes's word for why; part of the condition: when it changes, `since` moves. */
  readonly reason: "" | "Queued" | "NoTraffic" | "TimedOut";
  readonly since: Millis;
}

export interface ActiveInput {
  /** Pods it should have; −1 = not known. */
  readonly want: number;
  readonly ready: number;
  /** Pods that make it active: max(min-scale, initial-scale) until it was once ready, max(min-scale, 1) after. */
  readonly minReady: number;
}

type Next = Omit<Condition, "since">;

const active: Next = { state: "active", reason: "" };
const queued: Next = { state: "activating", reason: "Queued" };
const noTraffic: Next = { state: "inactive", reason: "NoTraffic" };
const timedOut: Next = { state: "inactive", reason: "TimedOut" };

/**
 * The table of `knative.md` 3.8:
 *
 * | want             | ready ≥ minReady | before            | after                         |
 * |------------------|------------------|-------------------|-------------------------------|
 * | 0, or minReady 0 | any              | activating, > 0   | inactive, TimedOut            |
 * | 0, or minReady 0 | any              | otherwise         | inactive, NoTraffic           |
 * | > 0              | no               | any               | activating                    |
 * | > 0              | yes              | any               | active                        |
 * | −1               | no               | inactive          | inactive, NoTraffic           |
 * | −1               | no               | activating/active | activating                    |
 * | −1               | yes              | inactive          | unchanged                     |
 * | −1               | yes              | activating/active | active                        |
 */
const next = (before: Condition, { want, ready, minReady }: ActiveInput): Next => {
  if (want === 0 || minReady === 0)
    return before.state === "activating" && minReady > 0 ? timedOut : noTraffic;
  const enough = ready >= minReady;
  if (want < 0 && before.state === "inactive") return enough ? before : noTraffic;
  return enough ? active : queued;
};

/** The condition after a look at the revision; `since` moves only when state or reason do. */
export const nextCondition = (before: Condition, input: ActiveInput, now: Millis): Condition => {
  const { state, reason } = next(before, input);
  return state === before.state && reason === before.reason ? before : { state, reason, since: now };
};
