import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Exchange } from "../exchange.ts";
import { type ForwardingEngine, PodFailure } from "../forward/engine.ts";
import type { Grant } from "../throttle/grant.ts";
import type { Throttler } from "../throttle/throttler.ts";
import type { ColdStart } from "../wake/cold-start.ts";
import { mayTryAgain } from "./retry.ts";
import { serverTiming } from "./server-timing.ts";
import type { Step } from "./step.ts";

export interface ActivateParts {
  readonly clock: Clock;
  readonly throttler: Pick<Throttler, "reserve" | "acquire" | "snapshot">;
  readonly waker: {
    wake(revision: Revision): void;
    waking(id: RevisionId): boolean;
    lastColdStart(id: RevisionId): ColdStart | undefined;
  };
  readonly engine: ForwardingEngine;
  /** Puts a dest aside that refused or reset. */
  readonly suspect: (id: RevisionId, dest: Dest) => void;
  readonly onWaited: (revision: Revision, waitedMs: Millis) => void;
  readonly onRetry: (revision: Revision) => void;
  /** Pods that one request is offered to. */
  readonly maxTries: number;
}

/** Takes a slot in a pod, waiting for one if need be, and forwards; on another pod if the first fails and it is safe. */
export const activate =
  (parts: ActivateParts): Step =>
  async (exchange) => {
    const revision = exchange.revision!;
    let failures: PodFailure[] | undefined;
    let avoid: Set<string> | undefined;
    for (;;) {
      const grant = parts.throttler.reserve(revision, avoid) ?? (await waitForGrant(parts, exchange, avoid));
      try {
        return await parts.engine.forward(exchange, grant.dest);
      } catch (error) {
        if (!(error instanceof PodFailure)) throw error;
        if (isSuspicious(error)) parts.suspect(revision.id, grant.dest);
        (failures ??= []).push(error);
        if (!mayTryAgain(exchange.inbound, failures, parts.maxTries)) throw error;
        (avoid ??= new Set()).add(grant.dest.key);
        exchange.podActiveAt = 0;
        parts.onRetry(revision);
      } finally {
        // Not with `using`, which is slow: see the measure step.
        grant[Symbol.dispose]();
      }
    }
  };

/** A reused connection that died says nothing about the pod, nor does an answer that is not HTTP. */
const isSuspicious = ({ code, reused }: PodFailure): boolean =>
  code === "pod_refused" || (code === "pod_reset" && !reused);

const waitForGrant = async (
  parts: ActivateParts,
  exchange: Exchange,
  avoid: ReadonlySet<string> | undefined,
): Promise<Grant> => {
  const { throttler, waker, clock } = parts;
  const revision = exchange.revision!;
  const began = clock.now();
  try {
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
  }
};

/** A time limit that passes while no pod has the request is not the pod's slowness: say what was waited for. */
const waitFailure = (error: unknown, parts: ActivateParts, revision: Revision, waitedMs: Millis): unknown => {
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
