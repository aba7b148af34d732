import { Registry, collectDefaultMetrics } from "prom-client";

/**
 * The longest time there is between two samples of the event loop's delay (24 days). prom-client takes one every
 * 10 ms, which costs a process that has nothing to do 5 ms of CPU a second: more than all else it does.
 */
const NEVER_MS = 2 ** 31 - 1;

/** What those samples would be shown as; `nodejs_eventloop_lag_seconds` is measured at each scrape and stays. */
const SAMPLED = ["min", "max", "mean", "stddev", "p50", "p90", "p99"];

/**
 * One registry per process, never prom-client's global one. Components define their metrics in their own
 * `metrics.ts` and register them here; `docs/reference.md` is generated from the same definitions.
 */
export const createRegistry = (options: { readonly processMetrics: boolean }): Registry => {
  const registry = new Registry();
  if (!options.processMetrics) return registry;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of SAMPLED) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
  return registry;
};
