/** Takes one revision through evaluate, read, plan and write (`knative.md` 3.7, 3.8). */
import { type Millis, millisOf, type Nanos, nanosOf, SECOND } from "#core/clock.ts";
import type { Rules } from "#core/divergences.ts";
import type { Scale } from "#core/ports.ts";
import type { Collector } from "./collect/collector.ts";
import { decide, initialState } from "./decide/autoscaler.ts";
import { differsEnough } from "./decide/decider.ts";
import { store } from "./evaluated.ts";
import { holdOf } from "./scale/hold.ts";
import { planScale, type ScalePlan } from "./scale/scale-plan.ts";
import { applyScale } from "./scale/scaler.ts";
import { scaleToZero } from "./scale/scale-to-zero.ts";
import type { Subject } from "./subject.ts";

export interface ReconcileDeps {
  readonly scale: Scale;
  readonly collector: Collector;
  readonly rules: Rules;
  readonly now: () => Millis;
  /** Since when everybody who could report can reach us; undefined = nobody can. */
  readonly reachableSince: () => Millis | undefined;
}

/** What a look at a revision did to its workload. */
export interface Change {
  readonly from: number;
  readonly to: number;
}

/** Evaluates the windows; whether the owner must look at the revision because of it (`knative.md` 3.6). */
export const evaluate = (subject: Subject, deps: ReconcileDeps): boolean => {
  const now = deps.now();
  const nanos = nanosOf(now);
  const readyPods = subject.counts!.ready;
  const values = deps.collector.observe(subject.id, subject.spec.scalingMetric, nanos);
  if (!values.ok) return false;
  const observed = { readyPods, stable: values.stable, panic: values.panic };
  const state = subject.state ?? initialState(subject.spec, readyPods, nanos);
  const { advice, state: after } = decide(subject.spec, observed, { state, now: nanos }, deps.rules);
  const inform = differsEnough(subject.status, advice);
  // What did not change stays the object it was: the new one dies young.
  if (state.panic !== after.panic || state.delay !== after.delay || subject.state === undefined)
    subject.state = after;
  if (inform) subject.status = { desired: advice.desired, excessBurstCapacity: advice.excessBurstCapacity };
  subject.evaluated = store(subject.evaluated, now, observed, advice);
  return inform;
};

const MAX_CONFLICTS = 5;
/** Knative's default of `progress-deadline`. */
const PROGRESS_DEADLINE: Nanos = 600 * SECOND;

/**
 * Brings the workload to what was decided: reads what it is told, plans, tells it if that differs. When somebody
 * else wrote in between, everything from reading on is done again. Nothing is written any more once `isOver`.
 * Rejects with the cluster's reason.
 */
export const reconcile = async (
  subject: Subject,
  deps: ReconcileDeps,
  isOver: () => boolean,
): Promise<Change | undefined> => {
  for (let tries = 0; tries < MAX_CONFLICTS; tries++) {
    const told = await deps.scale.wanted(subject.id);
    if (isOver()) return undefined;
    const plan = look(subject, told, deps);
    if (!plan.apply) return undefined;
    const outcome = await applyScale(deps.scale, subject.id, { told, wanted: plan.want });
    if (outcome.kind === "conflict") continue;
    subject.told = plan.want;
    return outcome.kind === "changed" ? { from: outcome.from, to: plan.want } : undefined;
  }
  throw new Error(`somebody else changes the number of pods all the time (${MAX_CONFLICTS} tries)`);
};

/** One plan from what is known now; what it says of the revision is in force from here on. */
const look = (subject: Subject, told: number, deps: ReconcileDeps): ScalePlan => {
  const now = deps.now();
  noteTold(subject, told, now);
  const { settings, condition, initialised } = subject;
  const view = {
    advice: subject.status.desired,
    told,
    readyPods: subject.counts?.ready ?? 0,
    condition,
    initialised,
    hold: hold(subject, deps, now),
  };
  const plan = planScale(view, settings, (desired) => toZero(subject, desired, now), now);
  subject.plan = plan;
  subject.condition = plan.condition;
  subject.initialised = plan.initialised;
  return plan;
};

/**
 * What others did to the workload. At the first look zero means that it went to zero before us, unless it must
 * never be there; later a number above both the last one and our advice means that somebody knows of load that
 * we do not.
 */
const noteTold = (subject: Subject, told: number, now: Millis): void => {
  const first = subject.told === undefined;
  if (first && told === 0 && subject.settings.bounds.min === 0) {
    subject.initialised = true;
    subject.condition = { state: "inactive", reason: "NoTraffic", since: now };
  }
  if (!first && told > Math.max(subject.told!, subject.status.desired)) subject.coveredSince = now;
  subject.told = told;
};

/** Activators are in the path for as long as we look after the revision, so there is nothing to probe. */
const toZero = (subject: Subject, desired: number, now: Millis) => {
  const decision = scaleToZero(
    {
      desired,
      state: subject.condition.state,
      inStateFor: nanosOf(now - subject.condition.since),
      settings: subject.settings,
      config: subject.config,
      progressDeadline: PROGRESS_DEADLINE,
      proxying: true,
      proxyFor: nanosOf(now - subject.since),
    },
    true,
  );
  if (decision.kind === "probe") throw new Error("a probe that was answered is asked for again");
  return decision;
};

const hold = (subject: Subject, { rules, reachableSince }: ReconcileDeps, now: Millis) => {
  const windowMs = millisOf(subject.settings.stableWindow);
  const reachable = reachableSince();
  return holdOf(
    {
      coveredSince: rules["full-window-first"]
        ? reachable === undefined
          ? undefined
          : Math.max(reachable, subject.coveredSince)
        : -Infinity,
      missing: rules["lost-reporter-holds"] ? subject.reporters.missing(now, windowMs) : [],
      windowMs,
    },
    now,
  );
};
