import type { Settings } from "#core/annotations/settings.ts";
import type { MetricSpec } from "./collector.ts";

/**
 * What to collect of a revision (`knative.md` 3.4). Without a limit of burst capacity the activator never leaves
 * the path, so that it has counted everything and no pod need be asked.
 */
export const metricSpec = (settings: Settings): MetricSpec => ({
  stableWindow: settings.stableWindow,
  panicWindow: settings.panicWindow,
  algorithm: settings.algorithm,
  scraped: settings.targetBurstCapacity !== -1,
});
