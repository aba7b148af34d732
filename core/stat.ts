import type { RevisionId } from "./revision.ts";

/**
 * What one reporter saw of one revision in one second (`knative.md` 3.13). Fields are named as in Knative's
 * protobuf; concurrency is in requests, counts are requests per second, uptime is in seconds.
 */
export interface Stat {
  readonly podName: string;
  readonly averageConcurrentRequests: number;
  /** The part of it that came through an activator, which reports it itself; subtracted when recorded. */
  readonly averageProxiedConcurrentRequests: number;
  readonly requestCount: number;
  readonly proxiedRequestCount: number;
  readonly processUptime: number;
  /** Unix seconds, set by the receiver; 0 on the wire from an activator. */
  readonly timestamp: bigint;
}

/** A stat with the revision it is about. */
export interface StatMessage {
  readonly id: RevisionId;
  readonly stat: Stat;
}

/** Where an activator's stats go: the autoscaler in this process, or the one at the end of a WebSocket. */
export interface StatSink {
  /** Never waits and never throws; what cannot be sent is counted and dropped. */
  send(batch: readonly StatMessage[]): void;
}
