import type { Settings } from "#core/annotations/settings.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { DeciderSpec } from "./decider.ts";
import { resolveTarget } from "./resolve-target.ts";

/** What the decisions of a revision follow: its settings, the config, and the hard limit of its pods. */
export const deciderSpec = (
  settings: Settings,
  config: AutoscalerConfig,
  containerConcurrency: number,
): DeciderSpec => {
  const { target, total } = resolveTarget(settings, config, containerConcurrency);
  return {
    maxScaleUpRate: config.maxScaleUpRate,
    maxScaleDownRate: config.maxScaleDownRate,
    scalingMetric: settings.metric,
    targetValue: target,
    totalValue: total,
    targetBurstCapacity: settings.targetBurstCapacity,
    activatorCapacity: config.activatorCapacity,
    panicThreshold: settings.panicThreshold,
    stableWindow: settings.stableWindow,
    scaleDownDelay: settings.scaleDownDelay,
    initialScale: settings.initialScale,
    reachable: settings.reachable,
    activationScale: settings.activationScale,
  };
};
