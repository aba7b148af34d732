import { defaultConfig, type AutoscalerConfig } from "#core/autoscaler-config.ts";
import { markdownTable } from "./markdown.ts";

type Row = readonly [key: string, meaning: string];

const rows: Record<Exclude<keyof AutoscalerConfig, "targetUtilization">, Row> = {
  podAutoscalerClass: ["pod-autoscaler-class", "class of Services that name none"],
  enableScaleToZero: ["enable-scale-to-zero", "`false` keeps one pod of each Service"],
  allowZeroInitialScale: ["allow-zero-initial-scale", "whether `initial-scale` may be 0"],
  maxScaleUpRate: [
    "max-scale-up-rate",
    "most pods of one decision, as a multiple of the ready pods; above 1",
  ],
  maxScaleDownRate: [
    "max-scale-down-rate",
    "fewest pods of one decision, as a fraction of the ready pods; above 1",
  ],
  containerConcurrencyTargetFraction: [
    "container-concurrency-target-percentage",
    "utilization that is aimed at: percent, or a fraction up to 1",
  ],
  containerConcurrencyTargetDefault: [
    "container-concurrency-target-default",
    "requests at once per pod, where neither a target nor a hard limit is set",
  ],
  rpsTargetDefault: ["requests-per-second-target-default", "requests a second per pod, for metric `rps`"],
  targetBurstCapacity: ["target-burst-capacity", "burst to absorb; −1 = without limit"],
  activatorCapacity: ["activator-capacity", "requests at once that one activator is meant for; at least 1"],
  panicWindowPercentage: ["panic-window-percentage", "1 to 100"],
  panicThresholdPercentage: ["panic-threshold-percentage", "percent of the ready pods' capacity"],
  initialScale: ["initial-scale", "pods when a Service is first seen"],
  minScale: ["min-scale", "never fewer pods"],
  maxScale: ["max-scale", "never more pods; 0 = no limit"],
  maxScaleLimit: ["max-scale-limit", "largest `max-scale` that a Service may ask for; 0 = any"],
  stableWindow: ["stable-window", "6s to 1h, whole seconds"],
  scaleDownDelay: ["scale-down-delay", "the highest number of pods of this time is kept"],
  scaleToZeroGracePeriod: [
    "scale-to-zero-grace-period",
    "longest wait for the activators to be in the path before the last pod goes",
  ],
  scaleToZeroPodRetentionPeriod: [
    "scale-to-zero-pod-retention-period",
    "how long the last pod is kept at least",
  ],
};

/** The keys of `config-autoscaler`; defaults from the code. */
export const configTable = (): string =>
  markdownTable(
    ["key", "default", "meaning"],
    Object.entries(rows).map(([field, [key, meaning]]) => [
      `\`${key}\``,
      shown(field as keyof typeof rows),
      meaning,
    ]),
  );

const DURATIONS: readonly string[] = [
  "stableWindow",
  "scaleDownDelay",
  "scaleToZeroGracePeriod",
  "scaleToZeroPodRetentionPeriod",
];

const shown = (field: keyof typeof rows): string => {
  const value = defaultConfig[field];
  if (DURATIONS.includes(field)) return `${Number(value) / 1e9}s`;
  return field === "containerConcurrencyTargetFraction" ? `${Number(value) * 100}` : String(value);
};
