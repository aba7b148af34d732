import type { Clock, Millis } from "#core/clock.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import { PodConnection } from "./pod-connection.ts";

export interface PodPoolParts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly podConnectMs: Millis;
  readonly podIdleMs: Millis;
}

/** A pod that says how long it keeps an idle connection is asked no later than this before that. */
const safetyMs: Millis = 1000;

/** The lane's connections to one port of one pod: the one that was used last is used first. */
export class PodPool {
  readonly #at: { readonly host: string; readonly port: number };
  readonly #parts: PodPoolParts;
  readonly #onEmpty: () => void;
  readonly #all = new Set<PodConnection>();
  #idle: PodConnection[] = [];

  constructor(
    at: { readonly host: string; readonly port: number },
    parts: PodPoolParts,
    onEmpty: () => void,
  ) {
    this.#at = at;
    this.#parts = parts;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#all.size;
  }

  take(): PodConnection {
    const now = this.#parts.clock.now();
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (now < found.idleUntil) return found;
      found.destroy();
    }
    const { wheel, podConnectMs } = this.#parts;
    const made = new PodConnection(this.#at, now, {
      wheel,
      podConnectMs,
      onIdleEnd: (gone) => this.#remove(gone),
    });
    this.#all.add(made);
    return made;
  }

  /** After an answer that was complete; `idleMs` is what the pod said. */
  giveBack(connection: PodConnection, idleMs: Millis | undefined): void {
    const { clock, podIdleMs } = this.#parts;
    const keep = idleMs === undefined ? podIdleMs : Math.min(podIdleMs, idleMs - safetyMs);
    if (keep <= 0) return connection.destroy();
    connection.rest(clock.now() + keep);
    this.#idle.push(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.destroy();
  }

  #remove(connection: PodConnection): void {
    this.#all.delete(connection);
    if (connection.user === undefined) this.#idle = this.#idle.filter((idle) => idle !== connection);
    if (this.#all.size === 0) this.#onEmpty();
  }
}
