/** What keeps a revision from zero pods, each with its seconds. */
import { type Millis, millisOf } from "#core/clock.ts";
import type { Subject } from "../subject.ts";
import type { Blocker } from "./explanation.ts";
import { num, pods, secs } from "./reason.ts";

/** One thing that may keep pods: what it says when it does. */
type Check = (subject: Subject, now: Millis) => Blocker | undefined;

const seconds = (ms: Millis): number => Math.max(0, Math.round(ms / 100) / 10);

const scaleToZeroOff: Check = ({ config }) =>
  config.enableScaleToZero
    ? undefined
    : { code: "scale-to-zero-off", text: "enable-scale-to-zero is false in config-autoscaler" };

const minScale: Check = ({ settings: { bounds } }) =>
  bounds.min > 0 ? { code: "min-scale", text: `min-scale is ${bounds.min}` } : undefined;

const failing: Check = ({ failure }, now) =>
  failure && {
    code: "failure",
    text: `the cluster refuses (${failure.times} times in a row): ${failure.text}`,
    seconds: seconds(failure.retryAt - now),
  };

/** A trailing average stays until its last second has left the window (`knative.md` 3.2). */
const load: Check = ({ evaluated, spec, reporters: { lastLoad } }, now) => {
  const stable = evaluated?.observed.stable ?? 0;
  if (stable <= 0) return undefined;
  const left = lastLoad + millisOf(spec.stableWindow) - now;
  return {
    code: "stable-window",
    text: `${num(stable)} on average over the last ${secs(spec.stableWindow)}; the last load was ${num((now - lastLoad) / 1000)} s ago`,
    seconds: seconds(left),
  };
};

const panic: Check = ({ state, spec }, now) => {
  if (state?.panic.kind !== "panicking") return undefined;
  const until = millisOf(state.panic.since + spec.stableWindow);
  return {
    code: "panic",
    text: `panic holds ${pods(state.panic.pods)} for ${secs(spec.stableWindow)} after it was last over the threshold`,
    seconds: seconds(until - now),
  };
};

const delay: Check = ({ evaluated, spec }) => {
  if (evaluated === undefined || evaluated.desired === evaluated.evaluation.beforeDelay) return undefined;
  return {
    code: "scale-down-delay",
    text: `${pods(evaluated.desired)} were needed within the last ${secs(spec.scaleDownDelay)}`,
    seconds: spec.scaleDownDelay / 1e9,
  };
};

const rate: Check = ({ evaluated, spec }) => {
  const { maxDown, rawStable } = evaluated?.evaluation ?? { maxDown: 0, rawStable: 0 };
  if (maxDown === 0 || rawStable >= maxDown) return undefined;
  return {
    code: "rate",
    text: `one decision divides the pods by at most ${num(spec.maxScaleDownRate)}`,
    seconds: 2,
  };
};

const held: Check = ({ plan }, now) => {
  const limit = plan?.limits.find(({ code }) => HOLDS.includes(code));
  if (limit === undefined) return undefined;
  const left = plan!.againAt === Infinity ? {} : { seconds: seconds(plan!.againAt - now) };
  return { code: limit.code, text: limit.text, ...left };
};
const HOLDS: readonly string[] = ["no-reporter", "window-not-full", "reporter-lost"];

/** Knative keeps a revision active for at least a stable window (`knative.md` 3.7). */
const activeFor: Check = ({ condition, spec }, now) => {
  const left = condition.since + millisOf(spec.stableWindow) - now;
  if (condition.state !== "active" || left <= 0) return undefined;
  return {
    code: "active-window",
    text: `active for ${num((now - condition.since) / 1000)} s, and stays so for at least ${secs(spec.stableWindow)}`,
    seconds: seconds(left),
  };
};

const activating: Check = ({ condition }, now) =>
  condition.state === "activating"
    ? {
        code: "activating",
        text: `pods were asked for ${num((now - condition.since) / 1000)} s ago and are not ready yet`,
      }
    : undefined;

/** Inactive: the pods go at the first look after both grace period and retention (`knative.md` 3.7). */
const onTheWay: Check = ({ condition, settings, config, since, plan, told }, now) => {
  if (condition.state !== "inactive" || plan === undefined || plan.apply || told === 0) return undefined;
  const retention = millisOf(settings.podRetention) + condition.since - now;
  const grace = millisOf(config.scaleToZeroGracePeriod) + since - now;
  const left = Math.max(retention, grace, plan.againAt === Infinity ? 0 : plan.againAt - now);
  return retention > 0
    ? {
        code: "pod-retention",
        text: `the last pod is kept for ${secs(settings.podRetention)}`,
        seconds: seconds(left),
      }
    : {
        code: "grace",
        text: `inactive; the activators are in the path for ${num((now - since) / 1000)} s of ${secs(config.scaleToZeroGracePeriod)}`,
        seconds: seconds(left),
      };
};

const checks: readonly Check[] = [
  scaleToZeroOff,
  minScale,
  failing,
  held,
  load,
  panic,
  delay,
  rate,
  activating,
  activeFor,
  onTheWay,
];

/** What has to end before there are no pods: without an end first, then the longest. */
export const blockersOf = (subject: Subject, now: Millis): readonly Blocker[] => {
  if (subject.told === 0) return [];
  const found = checks.map((check) => check(subject, now)).filter((blocker) => blocker !== undefined);
  return found.sort((a, b) => (b.seconds ?? Infinity) - (a.seconds ?? Infinity) || 0);
};
