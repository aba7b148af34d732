import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Exchange } from "../exchange.ts";
import type { Grant } from "../throttle/grant.ts";
import type { Throttler } from "../throttle/throttler.ts";
import type { ColdStart } from "../wake/cold-start.ts";
import type { HeldRequests } from "./held.ts";
import { type QueueAgeParts, limitAge } from "./queue-age.ts";
import { serverTiming } from "./server-timing.ts";

export interface HoldParts extends Omit<QueueAgeParts, "throttler" | "waker"> {
  readonly clock: Clock;
  readonly throttler: Pick<Throttler, "acquire" | "snapshot">;
  readonly waker: QueueAgeParts["waker"] & {
    wake(revision: Revision): void;
    waking(id: RevisionId): boolean;
    lastColdStart(id: RevisionId): ColdStart | undefined;
  };
  readonly held: HeldRequests;
  readonly onWaited: (revision: Revision, waitedMs: Millis) => void;
}

/** Holds a request until a pod has room for it, within the bounds of what may be held: count, bytes and age. */
export const waitForGrant = async (
  parts: HoldParts,
  exchange: Exchange,
  avoid: ReadonlySet<string> | undefined,
): Promise<Grant> => {
  const { throttler, waker, clock } = parts;
  const revision = exchange.revision!;
  const began = clock.now();
  // Not with `using`, which is slow: thousands may leave here at once.
  let held: Disposable | undefined;
  let age: Disposable | undefined;
  try {
    held = parts.held.enter(exchange);
    age = limitAge(parts, exchange);
    waker.wake(revision);
    const cold = waker.waking(revision.id);
    const grant = await throttler.acquire(
      revision,
      avoid ? { signal: exchange.signal, avoid } : { signal: exchange.signal },
    );
    const waited = clock.now() - began;
    parts.onWaited(revision, waited);
    if (cold) exchange.serverTiming = serverTiming(waker.lastColdStart(revision.id), waited);
    return grant;
  } catch (error) {
    throw waitFailure(error, parts, revision, clock.now() - began);
  } finally {
    age?.[Symbol.dispose]();
    held?.[Symbol.dispose]();
  }
};

/** A time limit that passes while no pod has the request is not the pod's slowness: say what was waited for. */
const waitFailure = (error: unknown, parts: HoldParts, revision: Revision, waitedMs: Millis): unknown => {
  if (!(error instanceof RequestError)) return error;
  if (error.code !== "request_timeout" && error.code !== "response_start_timeout") return error;
  const { dests, queued } = parts.throttler.snapshot(revision.id);
  const waited = `waited ${(waitedMs / 1000).toFixed(1)} s`;
  return dests === 0
    ? new RequestError("never_ready", { detail: `${waited}, no pod accepted a connection` })
    : new RequestError("queue_timeout", {
        detail: `${waited}, ${dests} pods busy, ${queued} requests waiting`,
      });
};
