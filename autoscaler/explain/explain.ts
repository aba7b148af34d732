/** Gathers why a revision has the number of pods that it has. */
import { type Millis, millisOf } from "#core/clock.ts";
import { boundsInForce } from "../scale/scale-bounds.ts";
import type { Subject } from "../subject.ts";
import { blockersOf } from "./blockers.ts";
import { explainText } from "./explain-text.ts";
import type { DecisionPart, Explanation } from "./explanation.ts";

/** Why a revision has the number of pods that it has, as of `now`. Reads, changes nothing. */
export const explain = (subject: Subject, now: Millis): Explanation => {
  const { condition, plan, failure, settings } = subject;
  const windowMs = millisOf(settings.stableWindow);
  const facts: Omit<Explanation, "text"> = {
    service: subject.id,
    at: now,
    state: condition.state,
    since: condition.since,
    pods: subject.counts,
    told: subject.told,
    wanted: plan?.want ?? -1,
    bounds: boundsInForce(settings, subject.initialised),
    decision: decisionPart(subject),
    panic: panicPart(subject),
    scaleDownDelaySeconds: settings.scaleDownDelay / 1e9,
    limits: plan?.limits.map(({ text }) => text) ?? [],
    zeroBlockedBy: blockersOf(subject, now),
    reporters: {
      heard: subject.reporters.heardOf(now),
      missing: subject.reporters.missing(now, windowMs).map(({ name }) => name),
    },
    lastError: failure,
  };
  return { ...facts, text: explainText(facts) };
};

const decisionPart = ({ evaluated, spec, settings }: Subject): DecisionPart | undefined => {
  if (evaluated === undefined) return undefined;
  const { observed, evaluation, desired, excessBurstCapacity, at } = evaluated;
  const { rawStable, rawPanic, maxUp, maxDown } = evaluation;
  return {
    at,
    metric: spec.scalingMetric === "rps" ? "rps" : "concurrency",
    stable: observed.stable,
    panic: observed.panic,
    stableWindowSeconds: spec.stableWindow / 1e9,
    panicWindowSeconds: settings.panicWindow / 1e9,
    target: spec.targetValue,
    total: spec.totalValue,
    readyPods: observed.readyPods,
    rawStable,
    rawPanic,
    maxUp,
    maxDown,
    activationScale: spec.activationScale,
    desired,
    excessBurstCapacity,
  };
};

const panicPart = ({ state, spec }: Subject): Explanation["panic"] =>
  state?.panic.kind === "panicking"
    ? {
        since: millisOf(state.panic.since),
        until: millisOf(state.panic.since + spec.stableWindow),
        pods: state.panic.pods,
        threshold: spec.panicThreshold,
      }
    : undefined;
