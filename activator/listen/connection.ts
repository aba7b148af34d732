import type { Socket } from "node:net";
import type { Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Route } from "#core/ports.ts";
import { type TimerWheel, type WheelTimer, unset } from "#core/timer-wheel.ts";
import type { Exchange } from "../exchange.ts";
import type { Fields } from "../inbound.ts";
import type { Http1Body } from "./http1-body.ts";
import type { Http1Inbound, InboundConnection } from "./http1-inbound.ts";
import { peerAddress } from "./peer-address.ts";
import type { UnfinishedHead } from "./unfinished-heads.ts";
import type { HeadWatch } from "./watch-head.ts";

/** Where a connection came in: the route may change or go while it is open. */
export interface Entrance {
  /** undefined on the front port. */
  readonly route: Route | undefined;
  /** No connection is taken any more, and those that are there end with their present answer. */
  readonly closing: boolean;
}

export interface ConnectionLimits {
  readonly keepAliveMs: Millis;
  readonly lingerMs: Millis;
  readonly maxPipelined: number;
}

/** One client's connection: its unanswered requests, and when it must end. */
export class Connection implements WheelTimer, InboundConnection {
  readonly socket: Socket;
  readonly peer: string;
  /** The request that was read last. */
  last: Http1Inbound | undefined;
  /**
   * What cannot be read any further: the request that was read last, or what came behind it and gets an answer of its
   * own. Nothing that follows is looked at: it may have been made to look like a request.
   */
  broken: "no" | "last" | "next" = "no";
  /** Watches over heads that do not come to their end. */
  headWatch: HeadWatch | undefined;
  due = 0;
  slot = unset;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  readonly entrance: Entrance;
  readonly #limits: ConnectionLimits;
  readonly #wheel: TimerWheel;
  readonly #ahead: UnfinishedHead;
  readonly #open = new Set<Exchange>();
  /** Those that must not overtake the ones before them. */
  readonly #waiting: { readonly exchange: Exchange; readonly start: () => void }[] = [];
  #running = 0;
  #unsafe = 0;
  #paused = false;
  #served = 0;
  #servedAtCheck = -1;
  #linger: Disposable | undefined;

  constructor(
    socket: Socket,
    entrance: Entrance,
    parts: {
      readonly limits: ConnectionLimits;
      readonly wheel: TimerWheel;
      readonly now: Millis;
      /** Bounds the heads of requests that wait behind another one, of all connections. */
      readonly ahead: UnfinishedHead;
    },
  ) {
    this.socket = socket;
    this.entrance = entrance;
    this.#limits = parts.limits;
    this.#wheel = parts.wheel;
    this.#ahead = parts.ahead;
    this.peer = peerAddress(socket);
    socket.on("close", () => this.#onClose());
    socket.on("error", () => {});
    this.#wheel.set(this, parts.now + parts.limits.keepAliveMs);
  }

  get route(): Route | undefined {
    return this.entrance.route;
  }

  /** Answers to requests that came before the last one leave the connection open, or the last would get none. */
  endsWith(inbound: Http1Inbound): boolean {
    return inbound === this.last && (this.entrance.closing || this.broken === "last");
  }

  get #closing(): boolean {
    return this.entrance.closing || this.broken === "last";
  }

  /** Requests that have no complete answer yet. */
  get open(): number {
    return this.#open.size;
  }

  /** A client that sends far ahead of its answers is not read for a while. */
  begin(exchange: Exchange, inbound: Http1Inbound): void {
    this.last = inbound;
    this.#open.add(exchange);
    // Without room this answer is the last one: a client sends again what was not answered.
    if (this.#open.size > 1 && !this.#ahead.grow(sizeOf(inbound.fields))) this.broken = "last";
    if (this.#open.size < this.#limits.maxPipelined || this.#paused) return;
    this.#paused = true;
    this.socket.pause();
  }

  /**
   * Starts a request, side by side with those before it only where none of them changes anything: another order
   * than the client's could then be another outcome (RFC 9112, 9.3.2).
   */
  inTurn(exchange: Exchange, start: () => void): void {
    if (this.#waiting.length > 0 || !this.#mayRun(exchange)) this.#waiting.push({ exchange, start });
    else this.#run(exchange, start);
  }

  end(exchange: Exchange): void {
    this.#open.delete(exchange);
    if (this.#open.size < 2) this.#ahead.done();
    this.#running--;
    if (!isSafe(exchange)) this.#unsafe--;
    for (let next = this.#waiting[0]; next && this.#mayRun(next.exchange); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#run(next.exchange, next.start);
    }
    this.#served++;
    if (this.#paused && this.#open.size < this.#limits.maxPipelined) {
      this.#paused = false;
      this.socket.resume();
    }
    if (this.#closing) this.closeIfIdle();
  }

  /** Ends the request that was read last; if it is answered already, the connection. */
  cancelLast(error: RequestError): void {
    const last = [...this.#open].at(-1);
    if (last !== undefined && last.inbound === this.last) last.cancel(error);
    else this.closeIfIdle();
  }

  /** Ends every unanswered request for the same reason. */
  cancel(error: RequestError): void {
    for (const exchange of this.#open) exchange.cancel(error);
  }

  /** Ends the connection once nothing is unanswered; bytes that are on their way to the client still get there. */
  closeIfIdle(): void {
    if (this.#open.size > 0) return;
    if (this.last?.flushed === false) this.last.onFlushed(() => this.closeSoon());
    else this.closeSoon();
  }

  /** Sends what is left, then the end; a client that does not close its side is cut off. */
  closeSoon(): void {
    this.socket.end();
    this.#lingerOn();
  }

  /** Lets the client finish a body that nobody reads, but not for ever. */
  discard(body: Http1Body): void {
    this.#lingerOn();
    body.discard(() => {
      if (!this.#closing) this.#lingerOff();
    });
  }

  /** Idle for the whole keep-alive time, and at most twice that: the clock is not read for each request. */
  fire(now: Millis): void {
    const idle = this.#open.size === 0 && this.#served === this.#servedAtCheck;
    this.#servedAtCheck = this.#served;
    if (idle) this.socket.destroy();
    else this.#wheel.set(this, now + this.#limits.keepAliveMs);
  }

  #mayRun(exchange: Exchange): boolean {
    return this.#running === 0 || (this.#unsafe === 0 && isSafe(exchange));
  }

  #run(exchange: Exchange, start: () => void): void {
    this.#running++;
    if (!isSafe(exchange)) this.#unsafe++;
    start();
  }

  #lingerOn(): void {
    if (this.socket.destroyed) return;
    this.#linger ??= this.#wheel.after(this.#limits.lingerMs, () => this.socket.destroy());
  }

  #lingerOff(): void {
    this.#linger?.[Symbol.dispose]();
    this.#linger = undefined;
  }

  #onClose(): void {
    this.#wheel.clear(this);
    this.#lingerOff();
    this.#ahead.done();
    for (const exchange of this.#open) {
      // The end of a tunnel is as good as any; who spliced it sees it too.
      if (!exchange.tunnelled) exchange.cancel(new RequestError("client_closed"));
    }
  }
}

const sizeOf = (fields: Fields): number => fields.reduce((sum, { length }) => sum + length + 2, 0);

/** RFC 9110, 9.2.1. */
const safe = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const isSafe = ({ inbound }: Exchange): boolean => safe.has(inbound.method);
