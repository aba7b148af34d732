import type { Stat } from "#core/stat.ts";
import { number } from "./family.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A stat with Knative's field names → ours. */
export const readStat = (fields: Fields = {}): Stat => ({
  podName: (fields.PodName as string | undefined) ?? "",
  averageConcurrentRequests: number(fields.AverageConcurrentRequests),
  averageProxiedConcurrentRequests: number(fields.AverageProxiedConcurrentRequests),
  requestCount: number(fields.RequestCount),
  proxiedRequestCount: number(fields.ProxiedRequestCount),
  processUptime: number(fields.ProcessUptime),
  timestamp: BigInt((fields.Timestamp as string | undefined) ?? "0"),
});

/** Our stat with Knative's field names. */
export const writeStat = (stat: Stat): Fields => ({
  PodName: stat.podName,
  AverageConcurrentRequests: stat.averageConcurrentRequests,
  AverageProxiedConcurrentRequests: stat.averageProxiedConcurrentRequests,
  RequestCount: stat.requestCount,
  ProxiedRequestCount: stat.proxiedRequestCount,
  ProcessUptime: stat.processUptime,
  Timestamp: stat.timestamp,
});
