import type { Settings } from "#core/annotations/settings.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { goMax, goMin } from "#core/go-arithmetic.ts";

/** Metric units per pod: what is aimed at, and what it can take. */
export interface Target {
  readonly target: number;
  readonly total: number;
}

const LEAST = 0.01;

/**
 * Target of one pod (`knative.md` 1.6). Defaults: 70 of 100; hard limit 10: 7 of 10; hard limit 1: 0.7 of 1;
 * requests per second: 140 of 200.
 */
export const resolveTarget = (
  settings: Settings,
  config: AutoscalerConfig,
  containerConcurrency: number,
): Target => {
  const { annotations, metric } = settings;
  const base =
    metric === "rps"
      ? { total: config.rpsTargetDefault, utilization: config.targetUtilization }
      : {
          total: containerConcurrency === 0 ? config.containerConcurrencyTargetDefault : containerConcurrency,
          utilization: config.containerConcurrencyTargetFraction,
        };
  const total = annotatedTotal(settings, containerConcurrency) ?? base.total;
  const utilization = annotations.targetUtilization ?? base.utilization;
  return { target: goMax(LEAST, total * utilization), total };
};

/** More than the hard limit cannot be aimed at, but only concurrency is comparable with it. */
const annotatedTotal = (settings: Settings, containerConcurrency: number): number | undefined => {
  const { target } = settings.annotations;
  if (target === undefined) return undefined;
  const limited = settings.metric === "concurrency" && containerConcurrency !== 0;
  return limited ? goMin(target, containerConcurrency) : target;
};
