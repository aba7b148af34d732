/** One WebSocket to one autoscaler, made again whenever it ends. */
import { WebSocket } from "ws";
import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import { Backoff } from "./backoff.ts";

const HANDSHAKE: Millis = 3000;
const READ_DEADLINE: Millis = 10_000;
const PING: Millis = READ_DEADLINE / 3;
/** Bytes that may wait in the socket: an autoscaler that does not read must not cost the activator its memory. */
const MAX_BUFFERED = 4 << 20;

export interface LinkDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** A connection could not be made, or ended. */
  readonly failed: () => void;
}

/**
 * One WebSocket to one autoscaler, made again whenever it ends, until closed (`knative.md` 3.13, client rules):
 * 3 s to connect, a ping every 10/3 s, dead when no pong came for 10 s.
 */
export class StatLink {
  readonly url: string;
  readonly #deps: LinkDeps;
  readonly #backoff: Backoff;
  #socket: WebSocket | undefined;
  /** The handshake's limit, then the read deadline, then the wait before the next try: one at a time. */
  #timer: Disposable | undefined;
  #pings: Disposable | undefined;
  #closed = false;

  constructor(url: string, deps: LinkDeps) {
    this.url = url;
    this.#deps = deps;
    this.#backoff = new Backoff(deps.random);
    this.#connect();
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Whether the frame was handed to the socket. It may still be lost: there are no acknowledgements. */
  send(frame: Uint8Array): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_BUFFERED) return false;
    socket.send(frame, { binary: true });
    return true;
  }

  /** Ends the link for good; what was sent is still delivered. */
  close(): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#pings?.[Symbol.dispose]();
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN) {
      socket.close(1000);
      this.#timer = this.#deps.clock.after(HANDSHAKE, () => socket.terminate());
    } else socket?.terminate();
  }

  #connect(): void {
    const socket = new WebSocket(this.url, { perMessageDeflate: false, maxPayload: 1 << 16 });
    this.#socket = socket;
    this.#limit(HANDSHAKE, "stat link could not connect in time");
    socket.on("error", (error) => {
      this.#deps.log.debug({ url: this.url, err: error.message }, "stat link failed");
    });
    socket.on("open", () => this.#opened());
    socket.on("pong", () => this.#limit(READ_DEADLINE, "stat link is silent"));
    socket.on("close", (code) => this.#ended(code));
  }

  #opened(): void {
    this.#backoff.reset();
    this.#limit(READ_DEADLINE, "stat link is silent");
    this.#pings = this.#deps.clock.every(PING, () => this.#socket?.ping());
    this.#deps.log.info({ url: this.url }, "stat link connected");
  }

  #ended(code: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#pings?.[Symbol.dispose]();
    if (this.#closed) return;
    const retryMs = this.#backoff.next();
    this.#deps.log.info({ url: this.url, code, retryMs }, "stat link ended");
    this.#deps.failed();
    this.#timer = this.#deps.clock.after(retryMs, () => this.#connect());
  }

  /** (Re)starts the one time limit of the present socket; when it passes the socket is cut. */
  #limit(ms: Millis, message: string): void {
    const socket = this.#socket;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(ms, () => {
      this.#deps.log.warn({ url: this.url }, message);
      socket?.terminate();
    });
  }
}
