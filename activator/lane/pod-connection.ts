import { type Socket, connect } from "node:net";
import type { Millis } from "#core/clock.ts";
import { type TimerWheel, type WheelTimer, unset } from "#core/timer-wheel.ts";
import { readMemory } from "./shared-memory.ts";

/** Whoever uses a connection now. */
export interface PodUser {
  /** False asks for a pause until `resume`. The memory is used again once this returns. */
  onBytes(bytes: Buffer): boolean;
  onDrain(): void;
  /** The pod has ended its side, in good order. */
  onEnded(): void;
  onClosed(error: Error | undefined): void;
}

export interface PodConnectionParts {
  readonly wheel: TimerWheel;
  readonly podConnectMs: Millis;
  readonly onConnect: (connection: PodConnection) => void;
  /** Told before its user. */
  readonly onClosed: (connection: PodConnection, error: Error | undefined) => void;
}

/** One connection to a pod: carries one request at a time. */
export class PodConnection implements WheelTimer {
  readonly socket: Socket;
  user: PodUser | undefined;
  connected = false;
  /** Requests it has answered. */
  served = 0;
  /** Until when it may be used again. */
  idleUntil: Millis = 0;
  due = 0;
  slot = unset;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  readonly #parts: PodConnectionParts;
  #error: Error | undefined;

  constructor(at: { readonly host: string; readonly port: number }, now: Millis, parts: PodConnectionParts) {
    this.#parts = parts;
    const callback = (count: number): boolean => this.#onBytes(readMemory.subarray(0, count));
    this.socket = connect({
      ...at,
      noDelay: true,
      keepAlive: true,
      onread: { buffer: readMemory, callback },
    });
    this.socket.on("connect", () => this.#onConnect());
    this.socket.on("drain", () => this.user?.onDrain());
    this.socket.on("end", () => this.#onEnd());
    this.socket.on("error", (error) => (this.#error = error));
    this.socket.on("close", () => this.#onClose());
    parts.wheel.set(this, now + parts.podConnectMs);
  }

  /** Waits for its next request. */
  rest(until: Millis): void {
    this.user = undefined;
    this.idleUntil = until;
    // A timer that is set already fires earlier and looks again: setting it anew each time would cost more.
    if (this.slot === unset) this.#parts.wheel.set(this, until);
  }

  fire(now: Millis): void {
    if (!this.connected)
      this.socket.destroy(new Error(`no connection within ${this.#parts.podConnectMs} ms`));
    else if (this.user === undefined && now >= this.idleUntil) this.destroy();
    else if (this.user === undefined) this.#parts.wheel.set(this, this.idleUntil);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #onConnect(): void {
    this.connected = true;
    this.#parts.wheel.clear(this);
    this.#parts.onConnect(this);
  }

  #onBytes(bytes: Buffer): boolean {
    if (this.user !== undefined) return this.user.onBytes(bytes);
    // Bytes that no request asked for.
    this.destroy();
    return true;
  }

  #onEnd(): void {
    if (this.user !== undefined) return this.user.onEnded();
    // It closes by itself, but nobody must take it until then.
    this.idleUntil = 0;
  }

  #onClose(): void {
    this.#parts.wheel.clear(this);
    this.#parts.onClosed(this, this.#error);
    this.user?.onClosed(this.#error);
  }
}
