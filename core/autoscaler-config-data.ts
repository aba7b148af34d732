import type { Rules } from "./divergences.ts";
import { formatDuration, isWholeSeconds, parseDuration } from "./duration.ts";
import { formatGoFixed, formatGoFloat } from "./go-format.ts";
import { goQuote } from "./go-quote.ts";
import { parseGoBool, parseGoFloat, parseGoInt32 } from "./go-number.ts";

/** `config-autoscaler` before its rules are checked; durations exact, in nanoseconds. */
export interface RawConfig {
  readonly enableScaleToZero: boolean;
  readonly allowZeroInitialScale: boolean;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly containerConcurrencyTargetFraction: number;
  readonly containerConcurrencyTargetDefault: number;
  readonly rpsTargetDefault: number;
  readonly targetBurstCapacity: number;
  readonly panicWindowPercentage: number;
  readonly activatorCapacity: number;
  readonly panicThresholdPercentage: number;
  readonly initialScale: number;
  readonly minScale: number;
  readonly maxScale: number;
  readonly maxScaleLimit: number;
  readonly stableWindow: bigint;
  readonly scaleDownDelay: bigint;
  readonly scaleToZeroGracePeriod: bigint;
  readonly scaleToZeroPodRetentionPeriod: bigint;
  readonly podAutoscalerClass: string;
}

const SECOND = 1_000_000_000n;

const defaults: RawConfig = {
  enableScaleToZero: true,
  allowZeroInitialScale: false,
  maxScaleUpRate: 1000,
  maxScaleDownRate: 2,
  containerConcurrencyTargetFraction: 0.7,
  containerConcurrencyTargetDefault: 100,
  rpsTargetDefault: 200,
  targetBurstCapacity: 211,
  panicWindowPercentage: 10,
  activatorCapacity: 100,
  panicThresholdPercentage: 200,
  initialScale: 1,
  minScale: 0,
  maxScale: 0,
  maxScaleLimit: 0,
  stableWindow: 60n * SECOND,
  scaleDownDelay: 0n,
  scaleToZeroGracePeriod: 30n * SECOND,
  scaleToZeroPodRetentionPeriod: 0n,
  podAutoscalerClass: "kpa.autoscaling.knative.dev",
};

/** The keys in the order in which Knative reads them: the first one that cannot be read is the one reported. */
const KEYS: readonly (readonly [key: string, kind: Kind, field: keyof RawConfig])[] = [
  ["pod-autoscaler-class", "string", "podAutoscalerClass"],
  ["enable-scale-to-zero", "bool", "enableScaleToZero"],
  ["allow-zero-initial-scale", "bool", "allowZeroInitialScale"],
  ["max-scale-up-rate", "float", "maxScaleUpRate"],
  ["max-scale-down-rate", "float", "maxScaleDownRate"],
  ["container-concurrency-target-percentage", "float", "containerConcurrencyTargetFraction"],
  ["container-concurrency-target-default", "float", "containerConcurrencyTargetDefault"],
  ["requests-per-second-target-default", "float", "rpsTargetDefault"],
  ["target-burst-capacity", "float", "targetBurstCapacity"],
  ["panic-window-percentage", "float", "panicWindowPercentage"],
  ["activator-capacity", "float", "activatorCapacity"],
  ["panic-threshold-percentage", "float", "panicThresholdPercentage"],
  ["initial-scale", "int32", "initialScale"],
  ["min-scale", "int32", "minScale"],
  ["max-scale", "int32", "maxScale"],
  ["max-scale-limit", "int32", "maxScaleLimit"],
  ["stable-window", "duration", "stableWindow"],
  ["scale-down-delay", "duration", "scaleDownDelay"],
  ["scale-to-zero-grace-period", "duration", "scaleToZeroGracePeriod"],
  ["scale-to-zero-pod-retention-period", "duration", "scaleToZeroPodRetentionPeriod"],
];

type Kind = "string" | "bool" | "float" | "int32" | "duration";
type Value = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Blanks as Go's `strings.TrimSpace` knows them. */
const BLANKS =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

const readers: Record<Kind, (text: string, rules: Rules) => Value> = {
  string: (text) => ({ ok: true, value: text.replaceAll(BLANKS, "") }),
  bool: parseGoBool,
  int32: parseGoInt32,
  float: (text, rules) => {
    const result = parseGoFloat(text);
    if (!result.ok || !Number.isNaN(result.value) || !rules["nan-refused"]) return result;
    return { ok: false, error: `parsing ${goQuote(text)}: not a number` };
  },
  duration: (text) => {
    const result = parseDuration(text);
    return result.ok ? { ok: true, value: result.nanos } : result;
  },
};

export type ReadResult =
  | { readonly ok: true; readonly raw: RawConfig }
  | { readonly ok: false; readonly error: string };

/** The keys that are there, over the defaults. */
export const readData = (data: Readonly<Record<string, string>>, rules: Rules): ReadResult => {
  const read: Record<string, unknown> = {};
  for (const [key, kind, field] of KEYS) {
    const text = Object.hasOwn(data, key) ? data[key] : undefined;
    if (text === undefined) continue;
    const result = readers[kind](text, rules);
    if (!result.ok) {
      return { ok: false, error: `failed to parse data: failed to parse ${goQuote(key)}: ${result.error}` };
    }
    read[field] = result.value;
  }
  const raw = { ...defaults, ...read };
  // Up to 1 it is a fraction already, for Knative's oldest users.
  const percentage = raw.containerConcurrencyTargetFraction;
  return {
    ok: true,
    raw: { ...raw, containerConcurrencyTargetFraction: percentage > 1 ? percentage / 100 : percentage },
  };
};

type Rule = (config: RawConfig) => string | false;

const v = formatGoFloat;
const f = formatGoFixed;
const d = formatDuration;
const COARSE = "must be specified with at most second precision";

/** In Knative's order; comparisons are written so that NaN breaks the same rules as there: almost none. */
const RULES: readonly Rule[] = [
  (c) =>
    c.scaleToZeroGracePeriod <= 0n &&
    `scale-to-zero-grace-period must be positive, was: ${d(c.scaleToZeroGracePeriod)}`,
  (c) => c.scaleDownDelay < 0n && `scale-down-delay cannot be negative, was: ${d(c.scaleDownDelay)}`,
  (c) => !isWholeSeconds(c.scaleDownDelay) && `scale-down-delay = ${d(c.scaleDownDelay)}, ${COARSE}`,
  (c) =>
    c.scaleToZeroPodRetentionPeriod < 0n &&
    `scale-to-zero-pod-retention-period cannot be negative, was: ${d(c.scaleToZeroPodRetentionPeriod)}`,
  (c) =>
    c.targetBurstCapacity < 0 &&
    c.targetBurstCapacity !== -1 &&
    `target-burst-capacity must be either non-negative or -1 (for unlimited), was: ${f(c.targetBurstCapacity)}`,
  (c) =>
    (c.containerConcurrencyTargetFraction <= 0 || c.containerConcurrencyTargetFraction > 1) &&
    `container-concurrency-target-percentage = ${f(c.containerConcurrencyTargetFraction)} is outside of valid range of (0, 100]`,
  (c) => {
    const target = c.containerConcurrencyTargetFraction * c.containerConcurrencyTargetDefault;
    return (
      target < 0.01 &&
      `container-concurrency-target-percentage and container-concurrency-target-default yield target concurrency of ${v(target)}, can't be less than 0.01`
    );
  },
  (c) =>
    c.rpsTargetDefault < 0.01 &&
    `requests-per-second-target-default must be at least 0.01, was: ${v(c.rpsTargetDefault)}`,
  (c) => c.activatorCapacity < 1 && `activator-capacity = ${v(c.activatorCapacity)}, must be at least 1`,
  (c) => c.maxScaleUpRate <= 1 && `max-scale-up-rate = ${v(c.maxScaleUpRate)}, must be greater than 1.0`,
  (c) =>
    c.maxScaleDownRate <= 1 && `max-scale-down-rate = ${v(c.maxScaleDownRate)}, must be greater than 1.0`,
  (c) =>
    (c.stableWindow < 6n * SECOND || c.stableWindow > 3600n * SECOND) &&
    `stable-window = ${d(c.stableWindow)}, must be in [6s; 1h0m0s] range`,
  (c) => !isWholeSeconds(c.stableWindow) && `stable-window = ${d(c.stableWindow)}, ${COARSE}`,
  (c) =>
    (c.panicWindowPercentage < 1 || c.panicWindowPercentage > 100) &&
    `panic-window-percentage = ${v(c.panicWindowPercentage)}, must be in [1, 100] interval`,
  (c) =>
    (c.initialScale < 0 || (c.initialScale === 0 && !c.allowZeroInitialScale)) &&
    `initial-scale = ${c.initialScale}, must be at least 0 (or at least 1 when allow-zero-initial-scale is false)`,
  (c) => c.minScale < 0 && `min-scale = ${c.minScale}, must be at least 0`,
  (c) => {
    const least = c.maxScaleLimit > 0 ? 1 : 0;
    return (
      (c.maxScale < least || (c.maxScaleLimit > 0 && c.maxScale > c.maxScaleLimit)) &&
      `max-scale = ${c.maxScale}, must be in [${least}, max-scale-limit(${c.maxScaleLimit})] range`
    );
  },
  (c) => c.maxScaleLimit < 0 && `max-scale-limit = ${c.maxScaleLimit}, must be at least 0`,
  (c) =>
    c.maxScale > 0 &&
    c.minScale > c.maxScale &&
    `min-scale (${c.minScale}) must be less than max-scale (${c.maxScale})`,
];

/** Knative's text for the first rule that is broken; undefined when none is. */
export const firstBroken = (config: RawConfig): string | undefined => {
  for (const rule of RULES) {
    const error = rule(config);
    if (error !== false) return error;
  }
  return undefined;
};
