/** One frame from the wire to stats that are safe to record. */
import type { Millis } from "#core/clock.ts";
import { decodeStats } from "#core/stat-codec.ts";
import type { Stat, StatMessage } from "#core/stat.ts";

/** Why a frame, or one message of it, was not used. */
export type FrameFault = "text" | "oversized" | "protocol" | "malformed" | "bad-value" | "no-name";

export interface FrameResult {
  readonly messages: readonly StatMessage[];
  /** How many messages were left out, by reason; a frame that cannot be read counts as one. */
  readonly faults: Readonly<Partial<Record<FrameFault, number>>>;
}

/** Bounds what one reporter can claim. Above it, sums of doubles would no longer hold six decimals. */
const MAX_VALUE = 1e9;
/** Longest `namespace` or `name` that Kubernetes allows. */
const MAX_NAME = 253;

/**
 * Turns one binary WebSocket frame (`WireStatMessages`) into stats that are safe to record, stamped with the
 * receiver's time in whole seconds (`knative.md` 3.3, 3.13). Never throws, whatever the bytes. Messages without
 * a stat are skipped by the codec, as Knative does; numbers that are no measurements are left out and counted.
 */
export const readFrame = (bytes: Uint8Array, now: Millis): FrameResult => {
  const decoded = decodeStats(bytes);
  if (!decoded.ok) return { messages: [], faults: { malformed: 1 } };
  return checked(decoded.value, BigInt(Math.floor(now / 1000)));
};

type Stamped = { -readonly [K in keyof Stat]: Stat[K] };

const checked = (decoded: readonly StatMessage[], timestamp: bigint): FrameResult => {
  const faults: Partial<Record<FrameFault, number>> = {};
  const messages = decoded.filter((message) => {
    const fault = faultOf(message);
    if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
    // Nobody else has these objects: they were just made from the bytes.
    else (message.stat as Stamped).timestamp = timestamp;
    return fault === undefined;
  });
  return { messages, faults };
};

const faultOf = ({ id, stat }: StatMessage): FrameFault | undefined => {
  if (badName(id)) return "no-name";
  return isMeasurement(stat) ? undefined : "bad-value";
};

const badName = (id: string): boolean =>
  id.length > 2 * MAX_NAME + 1 || id.startsWith("/") || id.endsWith("/") || !id.includes("/");

/** Counts may be −1: a reporter takes its first request's immediate report back (`knative.md` A.4, case 8). */
const isMeasurement = (stat: Stat): boolean =>
  within(stat.averageConcurrentRequests, 0) &&
  within(stat.averageProxiedConcurrentRequests, 0) &&
  within(stat.requestCount, -1) &&
  within(stat.proxiedRequestCount, -1) &&
  stat.podName.length <= MAX_NAME;

/** False for NaN too. */
const within = (value: number, min: number): boolean => value >= min && value <= MAX_VALUE;
