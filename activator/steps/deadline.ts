import type { Millis } from "#core/clock.ts";
import { type ErrorCode, RequestError } from "#core/errors.ts";
import { type TimerWheel, type WheelTimer, unset } from "#core/timer-wheel.ts";
import type { Ending, Exchange } from "../exchange.ts";
import { isGrpc, readGrpcTimeout } from "../grpc.ts";
import type { Step } from "./step.ts";

export interface DeadlineParts {
  readonly wheel: TimerWheel;
  /** Idle limit of upgraded connections of a revision that sets none; 0 = none. */
  readonly upgradeIdleMs: Millis;
}

/**
 * Holds a request to its three time limits. Total and response start count from its arrival, waiting included, as
 * in Knative (`knative.md` 4.7); other than there, idle counts from when a pod has the request, and an upgraded
 * connection knows only the idle limit. A gRPC client's own deadline counts where it is shorter than the total one.
 */
export const deadline =
  (parts: DeadlineParts): Step =>
  (exchange, next) => {
    if (isGrpc(exchange.inbound)) setClientLimit(exchange);
    const limit = new Deadline(exchange, parts);
    limit.setNext();
    exchange.atEnd(limit);
    return next(exchange);
  };

const setClientLimit = (exchange: Exchange): void => {
  const text = exchange.inbound.field("grpc-timeout");
  if (text !== undefined) exchange.clientLimitMs = readGrpcTimeout(text) ?? Infinity;
};

/** One timer for all three limits: it is set for the earliest of them, and looks again when it fires. */
class Deadline implements WheelTimer, Ending {
  outer: Ending | undefined;
  due = 0;
  slot = unset;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  readonly #exchange: Exchange;
  readonly #parts: DeadlineParts;

  constructor(exchange: Exchange, parts: DeadlineParts) {
    this.#exchange = exchange;
    this.#parts = parts;
  }

  setNext(): void {
    const at = nextLimit(this.#exchange, this.#exchange.arrivedAt, this.#parts.upgradeIdleMs);
    if (at !== Infinity) this.#parts.wheel.set(this, at);
  }

  ended(): void {
    this.#parts.wheel.clear(this);
  }

  fire(now: Millis): void {
    const { upgradeIdleMs } = this.#parts;
    const code = passedLimit(this.#exchange, now, upgradeIdleMs);
    if (code !== undefined) return this.#exchange.cancel(new RequestError(code));
    const at = nextLimit(this.#exchange, now, upgradeIdleMs);
    if (at !== Infinity) this.#parts.wheel.set(this, at);
  }
}

/** The limit that has passed at `now`, the total one first. */
export const passedLimit = (
  exchange: Exchange,
  now: Millis,
  upgradeIdleMs: Millis,
): ErrorCode | undefined => {
  const { arrivedAt, tunnelled, podActiveAt, held, inbound } = exchange;
  const { responseStartTimeoutMs } = exchange.revision!;
  const timeoutMs = totalLimit(exchange);
  const idleMs = idleLimit(exchange, upgradeIdleMs);
  if (!tunnelled) {
    if (now >= arrivedAt + timeoutMs) return "request_timeout";
    const late = responseStartTimeoutMs > 0 && now >= arrivedAt + responseStartTimeoutMs;
    if (late && !inbound.started) return "response_start_timeout";
  }
  return idleMs > 0 && podActiveAt > 0 && !held && now >= podActiveAt + idleMs ? "idle_timeout" : undefined;
};

/** When the next limit may pass, looked at from `now`; Infinity when none can. */
const nextLimit = (exchange: Exchange, now: Millis, upgradeIdleMs: Millis): Millis => {
  const { arrivedAt, tunnelled, podActiveAt, held, inbound } = exchange;
  const { responseStartTimeoutMs } = exchange.revision!;
  const idleMs = idleLimit(exchange, upgradeIdleMs);
  const silentSince = podActiveAt === 0 || held ? now : podActiveAt;
  let at = idleMs > 0 ? silentSince + idleMs : Infinity;
  if (!tunnelled) at = Math.min(at, arrivedAt + totalLimit(exchange));
  if (!tunnelled && responseStartTimeoutMs > 0 && !inbound.started)
    at = Math.min(at, arrivedAt + responseStartTimeoutMs);
  return at;
};

/** Infinity when there is none. */
const totalLimit = ({ revision, clientLimitMs }: Exchange): Millis => {
  const { timeoutMs } = revision!;
  return timeoutMs > 0 ? Math.min(timeoutMs, clientLimitMs) : clientLimitMs;
};

const idleLimit = ({ revision, inbound }: Exchange, upgradeIdleMs: Millis): Millis => {
  const { idleTimeoutMs } = revision!;
  return idleTimeoutMs > 0 || inbound.upgrade === undefined ? idleTimeoutMs : upgradeIdleMs;
};
