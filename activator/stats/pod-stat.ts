import type { Nanos } from "#core/clock.ts";
import { inSeconds } from "#core/go-arithmetic.ts";
import type { Stat } from "#core/stat.ts";
import type { RequestReport } from "./request-stats.ts";

/** The latest report of a server, how long a period it covers, and how long the server had run then. */
export interface PodReport {
  readonly report: RequestReport;
  readonly period: Nanos;
  readonly uptime: Nanos;
}

/** The stat that a reporter in a pod serves (`knative.md` 5.3); before the first report only its name. */
export const podStat = (podName: string, latest: PodReport | undefined): Stat => {
  const seconds = inSeconds(latest?.period ?? 1);
  return {
    podName,
    averageConcurrentRequests: latest?.report.averageConcurrency ?? 0,
    averageProxiedConcurrentRequests: latest?.report.averageProxiedConcurrency ?? 0,
    requestCount: (latest?.report.requestCount ?? 0) / seconds,
    proxiedRequestCount: (latest?.report.proxiedRequestCount ?? 0) / seconds,
    processUptime: inSeconds(latest?.uptime ?? 0),
    timestamp: 0n,
  };
};
