import { firstBroken, readData, type RawConfig } from "./autoscaler-config-data.ts";
import type { Nanos } from "./clock.ts";
import { pilotlightRules, type Rules } from "./divergences.ts";

/** The ConfigMap `config-autoscaler` as decisions read it (`knative.md` 2.1). Immutable. */
export interface AutoscalerConfig {
  readonly enableScaleToZero: boolean;
  readonly allowZeroInitialScale: boolean;
  /** Ratio of one decision to the ready pods; > 1. */
  readonly maxScaleUpRate: number;
  /** Ratio of the ready pods to one decision; > 1. */
  readonly maxScaleDownRate: number;
  /** (0, 1]; from `container-concurrency-target-percentage`. */
  readonly containerConcurrencyTargetFraction: number;
  /** Requests per pod when it has no hard limit. */
  readonly containerConcurrencyTargetDefault: number;
  /** Fraction used for requests per second; 0.7, cannot be configured. */
  readonly targetUtilization: number;
  /** Requests per second and pod; ≥ 0.01. */
  readonly rpsTargetDefault: number;
  /** Requests; −1 = without limit, the activator never leaves the path. */
  readonly targetBurstCapacity: number;
  /** Requests per activator; ≥ 1. */
  readonly activatorCapacity: number;
  /** Percent of the stable window, [1, 100]. */
  readonly panicWindowPercentage: number;
  /** Percent; not checked by Knative. */
  readonly panicThresholdPercentage: number;
  readonly initialScale: number;
  readonly minScale: number;
  /** 0 = no limit. */
  readonly maxScale: number;
  /** The largest max-scale a revision may ask for; 0 = no limit. */
  readonly maxScaleLimit: number;
  readonly stableWindow: Nanos;
  readonly scaleDownDelay: Nanos;
  readonly scaleToZeroGracePeriod: Nanos;
  readonly scaleToZeroPodRetentionPeriod: Nanos;
  readonly podAutoscalerClass: string;
}

/** The config in force. Replaced whole when the ConfigMap changes; a bad one leaves the last good one. */
export interface ConfigSource {
  current(): AutoscalerConfig;
  /** Called after `current` changed; read it again. */
  subscribe(listener: () => void): Disposable;
}

export type AutoscalerConfigResult =
  | { readonly ok: true; readonly config: AutoscalerConfig }
  /** `error` is Knative's text. */
  | { readonly ok: false; readonly error: string };

/**
 * Reads the data of the ConfigMap by Knative's rules: numbers and durations as Go reads them, unknown keys
 * ignored, keys that cannot be parsed first and in a fixed order, then the first broken rule. Never throws.
 */
export const parseAutoscalerConfig = (
  data: Readonly<Record<string, string>>,
  rules: Rules = pilotlightRules,
): AutoscalerConfigResult => {
  const read = readData(data, rules);
  if (!read.ok) return read;
  const error = firstBroken(read.raw);
  return error === undefined ? { ok: true, config: finish(read.raw) } : { ok: false, error };
};

const finish = (raw: RawConfig): AutoscalerConfig =>
  Object.freeze({
    ...raw,
    targetUtilization: 0.7,
    stableWindow: Number(raw.stableWindow),
    scaleDownDelay: Number(raw.scaleDownDelay),
    scaleToZeroGracePeriod: Number(raw.scaleToZeroGracePeriod),
    scaleToZeroPodRetentionPeriod: Number(raw.scaleToZeroPodRetentionPeriod),
  });

/** In force where there is no ConfigMap. */
export const defaultConfig: AutoscalerConfig = (() => {
  const result = parseAutoscalerConfig({});
  if (!result.ok) throw new Error(result.error);
  return result.config;
})();
