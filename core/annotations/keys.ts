/** Annotation keys in order of precedence: the first one that is present wins, even when empty (`knative.md` 1.1). */
export type Keys = readonly [canonical: string, ...aliases: string[]];

export const GROUP = "autoscaling.knative.dev";

const key = (name: string, alias?: string): Keys =>
  alias === undefined ? [`${GROUP}/${name}`] : [`${GROUP}/${name}`, `${GROUP}/${alias}`];

export const keys = {
  class: key("class"),
  metric: key("metric"),
  target: key("target"),
  targetUtilization: key("target-utilization-percentage", "targetUtilizationPercentage"),
  targetBurstCapacity: key("target-burst-capacity", "targetBurstCapacity"),
  minScale: key("min-scale", "minScale"),
  maxScale: key("max-scale", "maxScale"),
  initialScale: key("initial-scale", "initialScale"),
  activationScale: key("activation-scale"),
  window: key("window"),
  panicWindow: key("panic-window-percentage", "panicWindowPercentage"),
  panicThreshold: key("panic-threshold-percentage", "panicThresholdPercentage"),
  scaleDownDelay: key("scale-down-delay", "scaleDownDelay"),
  podRetention: key("scale-to-zero-pod-retention-period", "scaleToZeroPodRetentionPeriod"),
  algorithm: key("metric-aggregation-algorithm", "metricAggregationAlgorithm"),
  progressDeadline: ["serving.knative.dev/progress-deadline"],
} as const satisfies Record<string, Keys>;

export type Annotations = Readonly<Record<string, string>>;

export interface Found {
  /** The spelling that was found; errors name this one. */
  readonly key: string;
  readonly value: string;
}

export const find = (annotations: Annotations, [...names]: Keys): Found | undefined => {
  for (const name of names) {
    const value = annotations[name];
    if (value !== undefined && Object.hasOwn(annotations, name)) return { key: name, value };
  }
  return undefined;
};

/** `class` values. */
export const KPA = "kpa.autoscaling.knative.dev";
export const HPA = "hpa.autoscaling.knative.dev";
