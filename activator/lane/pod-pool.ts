import type { Clock, Millis } from "#core/clock.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import { PodConnection, type PodConnectionParts } from "./pod-connection.ts";

export interface PodPoolParts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly podConnectMs: Millis;
  readonly podIdleMs: Millis;
}

/** Whoever wants a connection. */
export interface PoolUser {
  /** False once it wants none any more. */
  readonly waiting: boolean;
  /** Given one that is connected. */
  attach(connection: PodConnection): void;
  /** None can be made. */
  onRefused(error: Error): void;
}

/** A pod that says how long it keeps an idle connection is asked no later than this before that. */
const safetyMs: Millis = 1000;
/**
 * Connections to one pod that are being made at a time. When thousands of requests are let go at once, one each would
 * be more than a pod's listener has room for; those it has none for are tried again by the kernel a second later.
 */
const mostConnecting = 64;

/**
 * The lane's connections to one port of one pod: the one that was used last is used first. Nobody waits for a
 * connection of his own: the first that is there, new or given back, goes to the first who waits, so that requests
 * leave in the order in which they came.
 */
export class PodPool {
  readonly #at: { readonly host: string; readonly port: number };
  readonly #parts: PodPoolParts;
  readonly #connectionParts: PodConnectionParts;
  readonly #onEmpty: () => void;
  readonly #all = new Set<PodConnection>();
  #idle: PodConnection[] = [];
  #connecting = 0;
  /** Those for whom there is no connection yet, first come first. */
  readonly #waiting: PoolUser[] = [];

  constructor(
    at: { readonly host: string; readonly port: number },
    parts: PodPoolParts,
    onEmpty: () => void,
  ) {
    this.#at = at;
    this.#parts = parts;
    this.#onEmpty = onEmpty;
    this.#connectionParts = {
      wheel: parts.wheel,
      podConnectMs: parts.podConnectMs,
      onConnect: (connection) => {
        this.#connecting--;
        this.#use(connection, parts.clock.now() + parts.podIdleMs);
      },
      onClosed: (connection, error) => this.#remove(connection, error),
    };
  }

  get size(): number {
    return this.#all.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** Attaches a connection, now or when there is one. */
  take(user: PoolUser): void {
    const now = this.#parts.clock.now();
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (now < found.idleUntil) return user.attach(found);
      found.destroy();
    }
    this.#waiting.push(user);
    this.#connect();
  }

  /** After an answer that was complete; `idleMs` is what the pod said. */
  giveBack(connection: PodConnection, idleMs: Millis | undefined): void {
    const { clock, podIdleMs } = this.#parts;
    const keep = idleMs === undefined ? podIdleMs : Math.min(podIdleMs, idleMs - safetyMs);
    if (keep <= 0) return connection.destroy();
    connection.served++;
    this.#use(connection, clock.now() + keep);
  }

  close(): void {
    this.#refuse(new Error("the activator ends"));
    for (const connection of this.#all) connection.destroy();
  }

  /** Makes one more if there are fewer than those who wait. */
  #connect(): void {
    if (this.#connecting >= Math.min(mostConnecting, this.#waiting.length)) return;
    this.#connecting++;
    this.#all.add(new PodConnection(this.#at, this.#parts.clock.now(), this.#connectionParts));
  }

  #use(connection: PodConnection, idleUntil: Millis): void {
    const next = this.#next();
    if (next === undefined) {
      connection.rest(idleUntil);
      this.#idle.push(connection);
    } else {
      next.attach(connection);
      this.#connect();
    }
  }

  #next(): PoolUser | undefined {
    for (let user = this.#waiting.shift(); user !== undefined; user = this.#waiting.shift())
      if (user.waiting) return user;
    return undefined;
  }

  #remove(connection: PodConnection, error: Error | undefined): void {
    this.#all.delete(connection);
    if (connection.user === undefined) this.#idle = this.#idle.filter((idle) => idle !== connection);
    if (!connection.connected) {
      this.#connecting--;
      this.#refuse(error ?? new Error("no connection"));
    }
    if (this.#all.size === 0) this.#onEmpty();
  }

  /** When no connection can be made those who wait need not try one by one: another pod may take them. */
  #refuse(error: Error): void {
    for (let user = this.#next(); user !== undefined; user = this.#next()) user.onRefused(error);
  }
}
