/** The explanation as text. */
import type { Millis } from "#core/clock.ts";
import type { Blocker, DecisionPart, Explanation } from "./explanation.ts";
import { num, pods as podsOf } from "./reason.ts";

type Facts = Omit<Explanation, "text">;

/** The explanation for people: one line per fact, numbers with their units, times as seconds from now. */
export const explainText = (facts: Facts): string =>
  [
    headline(facts),
    podsLine(facts),
    ...decisionLines(facts.decision, facts.at),
    ...panicLine(facts),
    ...facts.limits.map((limit) => `  then      ${limit}`),
    ...errorLine(facts),
    ...reportersLine(facts),
    ...zeroLines(facts.zeroBlockedBy),
  ].join("\n");

const ago = (at: Millis, now: Millis): string => `${num((now - at) / 1000)} s ago`;

const headline = ({ service, state, since, wanted, at }: Facts): string =>
  `${service}: ${wanted < 0 ? "not known yet how many pods are" : podsOf(wanted)} wanted, ${state} since ${ago(since, at)}`;

const podsLine = ({ pods, told, bounds }: Facts): string => {
  const now =
    pods === undefined
      ? "not counted yet"
      : `${pods.ready} ready, ${pods.notReady} not ready, ${pods.pending} pending, ${pods.terminating} terminating`;
  const limit = bounds.max === 0 ? "no limit" : String(bounds.max);
  return `  pods      ${now}; the workload is told ${told ?? "?"}; bounds ${bounds.min} to ${limit}`;
};

const decisionLines = (decision: DecisionPart | undefined, now: Millis): string[] => {
  if (decision === undefined) return ["  observed  nothing yet"];
  const unit = decision.metric === "rps" ? "requests/s" : "concurrent requests";
  const window = (value: number, seconds: number, pods: number): string =>
    `${num(value)} over ${num(seconds)} s = ${podsOf(pods)}`;
  const activation = decision.activationScale > 1 ? `, activation-scale ${decision.activationScale}` : "";
  return [
    `  observed  ${unit}: ${window(decision.stable, decision.stableWindowSeconds, decision.rawStable)}; ` +
      `${window(decision.panic, decision.panicWindowSeconds, decision.rawPanic)} (${ago(decision.at, now)})`,
    `  target    ${num(decision.target)} per pod, of ${num(decision.total)} that it can take`,
    `  limits    ${decision.maxDown} to ${decision.maxUp} at once from ${decision.readyPods} ready${activation}`,
    `  advised   ${podsOf(decision.desired)}; excess burst capacity ${decision.excessBurstCapacity}`,
  ];
};

const panicLine = ({ panic, at }: Facts): string[] =>
  panic === undefined
    ? []
    : [
        `  panic     holds ${podsOf(panic.pods)}, last over the threshold of ${num(panic.threshold)} × ready ` +
          `${ago(panic.since, at)}, ends in ${num(Math.max(0, panic.until - at) / 1000)} s`,
      ];

const errorLine = ({ lastError, at }: Facts): string[] =>
  lastError === undefined
    ? []
    : [
        `  error     ${lastError.text} (${lastError.times} in a row, ${ago(lastError.at, at)}; ` +
          `again in ${num(Math.max(0, lastError.retryAt - at) / 1000)} s)`,
      ];

const reportersLine = ({ reporters: { heard, missing } }: Facts): string[] => [
  `  reporters ${heard} with load${missing.length === 0 ? "" : `; silent under load: ${missing.join(", ")}`}`,
];

const zeroLines = (blockers: readonly Blocker[]): string[] =>
  blockers.map(
    ({ code, text, seconds }, i) =>
      `  ${i === 0 ? "zero when" : "         "} ${code}: ${text}${seconds === undefined ? "" : ` (${num(seconds)} s more)`}`,
  );
