import type { AutoscalerConfig } from "../autoscaler-config.ts";
import { SECOND, type Nanos } from "../clock.ts";
import { pilotlightRules, type Rules } from "../divergences.ts";
import { goInt64 } from "../go-arithmetic.ts";
import { HPA, KPA, type Annotations } from "./keys.ts";
import { readAnnotations, type AutoscalingAnnotations } from "./read.ts";

/**
 * Everything that is set for one revision: its annotations over the config (`knative.md` 1.5, 1.6). Immutable;
 * made anew when either changes.
 */
export interface Settings {
  readonly annotations: AutoscalingAnnotations;
  readonly class: string;
  /** `concurrency`, `rps`, or for other classes whatever they know. */
  readonly metric: string;
  /** Pods; `max` 0 = no limit. `min` is 0 when no traffic can arrive. */
  readonly bounds: { readonly min: number; readonly max: number };
  /** Pods a new revision starts with. */
  readonly initialScale: number;
  /** Smallest number of pods when there is any demand; 0 = off. */
  readonly activationScale: number;
  readonly stableWindow: Nanos;
  /** Whole seconds, at least one. */
  readonly panicWindow: Nanos;
  /** `linear`, `weighted-exponential`; anything else, as "", counts as linear. */
  readonly algorithm: string;
  /** Ratio: 2 means twice as many pods wanted as ready. */
  readonly panicThreshold: number;
  readonly targetBurstCapacity: number;
  readonly scaleDownDelay: Nanos;
  /** How long the last pod stays after zero was decided. */
  readonly podRetention: Nanos;
  /** Whether any traffic can arrive. */
  readonly reachable: boolean;
}

export interface SettingsOptions {
  /** False lifts min-scale, the limits on scaling down, and the retention of the last pod. Default: true. */
  readonly reachable?: boolean;
  readonly rules?: Rules;
}

export const resolveSettings = (
  annotations: Annotations,
  config: AutoscalerConfig,
  options: SettingsOptions = {},
): Settings => {
  const { reachable = true, rules = pilotlightRules } = options;
  const read = readAnnotations(annotations, rules);
  const stableWindow = read.window ?? config.stableWindow;
  return {
    annotations: read,
    class: read.class ?? KPA,
    metric: read.metric ?? defaultMetric(read.class ?? KPA),
    bounds: {
      min: reachable ? (read.minScale ?? config.minScale) : 0,
      max: read.maxScale ?? config.maxScale,
    },
    initialScale: initialScale(read, config),
    activationScale: read.activationScale ?? 0,
    stableWindow,
    panicWindow: panicWindow(stableWindow, read.panicWindowPercentage ?? config.panicWindowPercentage),
    algorithm: algorithm(read.algorithm),
    panicThreshold: (read.panicThresholdPercentage ?? config.panicThresholdPercentage) / 100,
    targetBurstCapacity: read.targetBurstCapacity ?? config.targetBurstCapacity,
    scaleDownDelay: read.scaleDownDelay ?? config.scaleDownDelay,
    podRetention: reachable ? (read.podRetention ?? config.scaleToZeroPodRetentionPeriod) : 0,
    reachable,
  };
};

/** The metric of a class that names none; "" where only the class's own controller knows. */
const defaultMetric = (autoscalerClass: string): string => {
  if (autoscalerClass === KPA) return "concurrency";
  return autoscalerClass === HPA ? "cpu" : "";
};

/** A stored 0 loses its force when the cluster no longer allows it. */
const initialScale = (read: AutoscalingAnnotations, config: AutoscalerConfig): number => {
  const wanted = read.initialScale;
  return wanted === undefined || (wanted === 0 && !config.allowZeroInitialScale)
    ? config.initialScale
    : wanted;
};

/** 60 s at 10 % is 6 s, 25 s at 10 % is 3 s (half rounds up), 6 s at 10 % is 1 s, the least. */
const panicWindow = (stableWindow: Nanos, percentage: number): Nanos => {
  const exact = goInt64((stableWindow * percentage) / 100);
  const rest = exact % SECOND;
  const rounded = rest * 2 < SECOND ? exact - rest : exact + (SECOND - rest);
  return Math.max(SECOND, rounded);
};

const algorithm = (text: string | undefined): string =>
  text === "weightedExponential" ? "weighted-exponential" : (text ?? "");

/**
 * The annotations with class and metric filled in where they are missing, as admission does it (`knative.md` 1.5).
 * A revision without a class then belongs to the config's class.
 */
export const withDefaults = (annotations: Annotations, config: AutoscalerConfig): Annotations => {
  const classed = { "autoscaling.knative.dev/class": config.podAutoscalerClass, ...annotations };
  const metric = defaultMetric(classed["autoscaling.knative.dev/class"]);
  return metric === "" ? classed : { "autoscaling.knative.dev/metric": metric, ...classed };
};
