import type { Stat } from "#core/stat.ts";

/** Name of the one stat that stands for all pods of a revision. */
const SCRAPER = "service-scraper";

/** Variance of a concurrency of 10, at 95 % confidence with an error of 5: 1.96² · 100 / 25. */
const SPREAD = 15.3664;

/** How many of `population` ready pods to ask (`knative.md` 3.4): up to 3 all of them, 16 of 1000. */
export const sampleSize = (population: number): number =>
  population <= 3 ? Math.max(population, 0) : Math.ceil((population * SPREAD) / (population + SPREAD - 1));

/** One stat for `population` pods from the stats of `sample` of them, summed in the order given. */
export const averageStats = (stats: readonly Stat[], sample: number, population: number): Stat => {
  const sum = (field: (stat: Stat) => number): number => {
    let total = 0;
    for (const stat of stats) total += field(stat);
    return (total / sample) * population;
  };
  return {
    podName: SCRAPER,
    averageConcurrentRequests: sum((stat) => stat.averageConcurrentRequests),
    averageProxiedConcurrentRequests: sum((stat) => stat.averageProxiedConcurrentRequests),
    requestCount: sum((stat) => stat.requestCount),
    proxiedRequestCount: sum((stat) => stat.proxiedRequestCount),
    processUptime: 0,
    timestamp: 0n,
  };
};

/** Whether a scrape brought nothing at all: no pod was asked. Such a stat is not data (`knative.md` 3.3). */
export const isEmptyStat = (stat: Stat): boolean =>
  stat.podName === "" &&
  stat.averageConcurrentRequests === 0 &&
  stat.averageProxiedConcurrentRequests === 0 &&
  stat.requestCount === 0 &&
  stat.proxiedRequestCount === 0 &&
  stat.processUptime === 0 &&
  stat.timestamp === 0n;
