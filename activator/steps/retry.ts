import type { PodFailure } from "../forward/engine.ts";
import type { Inbound } from "../inbound.ts";

/** RFC 9110, 9.2.2. */
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Whether a request may be offered to another pod after these failures, the latest one last (ADR 0007): when no byte
 * of it was sent; or when it is idempotent, has no body and its connection died before an answer. A reused
 * connection dies of age, any number of times: when a pod is killed there may be many of them, and none is a try. Of a
 * fresh one the request itself may be the reason, so that only one more pod is put at risk.
 */
export const mayTryAgain = (
  inbound: Pick<Inbound, "started" | "method" | "body" | "upgrade">,
  failures: readonly PodFailure[],
  maxTries: number,
): boolean => {
  const latest = failures.at(-1)!;
  if (inbound.started || failures.filter(({ reused }) => !reused).length >= maxTries) return false;
  if (!latest.sent) return true;
  if (latest.code !== "pod_reset" || inbound.body !== undefined || inbound.upgrade !== undefined)
    return false;
  if (!idempotent.has(inbound.method)) return false;
  return latest.reused || failures.filter(({ sent, reused }) => sent && !reused).length < 2;
};
