/** The reason of a number of pods in one line, and in one word for metrics. */
import type { Cause } from "../causes.ts";
import type { Subject } from "../subject.ts";

/** Two decimals where they say something: 12, 0.7, 3.33. */
export const num = (value: number): string => String(Math.round(value * 100) / 100);

/** `1 pod`, `0 pods`, `7 pods`. */
export const pods = (count: number): string => `${count} ${count === 1 ? "pod" : "pods"}`;

/** Whole and half seconds, as people write them: `60 s`, `1.5 s`. */
export const secs = (nanos: number): string => `${num(nanos / 1e9)} s`;

const unit = (metric: string): string => (metric === "rps" ? "requests/s" : "concurrent requests");

/**
 * Why the number of pods is what it is, in one line: what was seen, what that asks for, what was applied to it.
 * `12.4 concurrent requests over 60 s at 7 per pod = 2 pods; max-scale 1, not 2`
 */
export const reasonOf = (subject: Subject): string => {
  const { evaluated, spec, state, plan } = subject;
  if (evaluated === undefined) return "nothing was seen of it yet";
  const { observed, evaluation, desired } = evaluated;
  const { rawStable, rawPanic, limitedStable, beforeDelay } = evaluation;
  const parts = [
    `${num(observed.stable)} ${unit(spec.scalingMetric)} over ${secs(spec.stableWindow)} at ${num(spec.targetValue)} per pod = ${pods(rawStable)}`,
  ];
  if (state?.panic.kind === "panicking")
    parts.push(`panic (${num(observed.panic)} = ${pods(rawPanic)}) holds ${state.panic.pods}`);
  else if (limitedStable !== rawStable) parts.push(`rates and activation scale make it ${limitedStable}`);
  if (desired !== beforeDelay) parts.push(`scale-down-delay keeps ${desired}`);
  return [...parts, ...(plan?.limits ?? []).map(({ text }) => text)].join("; ");
};

const BOUNDS: readonly string[] = ["min-scale", "initial-scale", "max-scale"];

/** The one word for it, for metrics. */
export const causeOf = ({ plan, state }: Subject): Cause => {
  if (plan?.limits.some(({ code }) => BOUNDS.includes(code))) return "bounds";
  if (state?.panic.kind === "panicking") return "panic";
  return plan?.want === 0 ? "idle" : "load";
};
