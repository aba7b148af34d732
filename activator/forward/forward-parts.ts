import type { Clock, Millis } from "#core/clock.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";

/** What forwarding needs: limits of connections to pods, and time. */
export interface ForwardParts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly podConnectMs: Millis;
  readonly podIdleMs: Millis;
  readonly maxHeadBytes: number;
  /** Requests at a time on one HTTP/2 connection. */
  readonly maxStreams: number;
}
