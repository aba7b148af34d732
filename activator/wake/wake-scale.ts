/** Raises the scale of a workload from 0, trying again where that can help. */

import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";

/** Codes of HTTP at which the same write may succeed later; other refusals (403, 404, 422) stay as they are. */
const PASSING_4XX = new Set([408, 409, 425, 429]);
/** Node's words for a connection that could not be made or kept. */
const UNREACHABLE = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|UND_ERR)/;

const FIRST_PAUSE_MS: Millis = 50;
const LONGEST_PAUSE_MS: Millis = 1000;
const RETRY_AFTER_SECONDS = 1;

/** How often a write is tried, by what its failure says: once, three times, and for about half a minute. */
const tries = { refused: 1, unknown: 3, unreachable: 30 } as const;

/** Whether the cluster refused, could not be reached, or neither can be told. */
export const failureKind = (error: unknown): keyof typeof tries => {
  const { code, statusCode, cause } = (error ?? {}) as Record<string, unknown>;
  const http = [code, statusCode].find((value) => typeof value === "number");
  if (http !== undefined)
    return http >= 400 && http < 500 && !PASSING_4XX.has(http) ? "refused" : "unreachable";
  if (typeof code === "string" && UNREACHABLE.test(code)) return "unreachable";
  return cause === undefined ? "unknown" : failureKind(cause);
};

/**
 * Tells a workload at 0 to have `replicas` pods; one that has some already is left alone. Tries again where that
 * can help. Rejects with `scale_failed` and the cluster's own reason, or with the signal's.
 */
export const raiseFromZero = async (
  deps: { readonly scale: Scale; readonly clock: Clock },
  id: RevisionId,
  replicas: number,
  signal: AbortSignal,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await deps.scale.apply(id, replicas, { onlyIf: 0 });
      return;
    } catch (error) {
      if (attempt >= tries[failureKind(error)]) throw scaleFailed(error);
    }
    await deps.clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS), signal);
  }
};

const scaleFailed = (error: unknown): RequestError =>
  new RequestError("scale_failed", {
    detail: error instanceof Error ? error.message : String(error),
    retryAfter: RETRY_AFTER_SECONDS,
    cause: error,
  });
