import type { Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import type { Exchange } from "../exchange.ts";
import type { Throttler } from "../throttle/throttler.ts";

export interface QueueAgeParts {
  readonly wheel: TimerWheel;
  readonly throttler: Pick<Throttler, "snapshot">;
  readonly waker: {
    /** How long a start of the revision takes as a rule; undefined before the first one was seen. */
    usualStart(id: RevisionId): Millis | undefined;
  };
}

const LEAST_MS: Millis = 10_000;
const TIMES_USUAL = 3.5;
const LONGEST_RETRY_SECONDS = 30;

/**
 * How long a request may wait for a pod (ADR 0014); undefined when only the Service's time limit counts: nobody
 * knows then how long a first start takes.
 */
const queueAge = (revision: Revision, usualMs: Millis | undefined): Millis | undefined => {
  const { queueTimeoutMs, timeoutMs } = revision;
  if (queueTimeoutMs === undefined && usualMs === undefined) return undefined;
  const age = queueTimeoutMs ?? Math.max(LEAST_MS, TIMES_USUAL * usualMs!);
  return age < timeoutMs ? age : undefined;
};

/** Ends a request that waits for longer than that; disposed when it waits no more. */
export const limitAge = (parts: QueueAgeParts, exchange: Exchange): Disposable | undefined => {
  const revision = exchange.revision!;
  const usualMs = parts.waker.usualStart(revision.id);
  const age = queueAge(revision, usualMs);
  if (age === undefined) return undefined;
  let timer: Disposable;
  const begin = (): void => void (timer = parts.wheel.after(age, look));
  const look = (): void => {
    const busy = parts.throttler.snapshot(revision.id).dests > 0;
    // Pods that are busy are no slow start: then the queue's depth and the Service's time limit are what counts.
    if (busy && revision.queueTimeoutMs === undefined) return begin();
    exchange.cancel(tooOld(age, usualMs));
  };
  begin();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
};

const tooOld = (age: Millis, usualMs: Millis | undefined): RequestError => {
  const usual = usualMs === undefined ? "" : `; a start takes ${(usualMs / 1000).toFixed(1)} s as a rule`;
  const retryAfter = Math.min(Math.max(1, Math.ceil((usualMs ?? 1000) / 1000)), LONGEST_RETRY_SECONDS);
  return new RequestError("held_too_long", {
    detail: `waited ${(age / 1000).toFixed(1)} s${usual}`,
    retryAfter,
  });
};
