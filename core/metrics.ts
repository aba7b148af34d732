import { Registry, collectDefaultMetrics } from "prom-client";

/**
 * One registry per process, never prom-client's global one. Components define their metrics in their own
 * `metrics.ts` and register them here; `docs/reference.md` is generated from the same definitions.
 */
export const createRegistry = (options: { readonly processMetrics: boolean }): Registry => {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  return registry;
};
