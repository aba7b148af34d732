import type { Socket } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Route } from "#core/ports.ts";
import { type TimerWheel, type WheelTimer, unset } from "#core/timer-wheel.ts";
import { Exchange } from "../exchange.ts";
import { Ahead, type Room } from "./ahead.ts";
import { giveBlock, takeBlock } from "./blocks.ts";
import { LaneBody } from "./lane-body.ts";
import type { LaneClient } from "./lane-client.ts";
import { LaneInbound } from "./lane-inbound.ts";
import { type RequestHead, readRequestHead } from "./request-head.ts";
import { copyOf, readWith } from "./shared-memory.ts";

/** Where a connection came in. */
export interface LaneEntrance {
  readonly route: Route | undefined;
  readonly closing: boolean;
}

interface LaneLimits {
  readonly headTimeoutMs: Millis;
  readonly keepAliveMs: Millis;
  readonly lingerMs: Millis;
  readonly maxHeadBytes: number;
}

export interface LaneConnectionParts<E extends LaneEntrance> {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly limits: LaneLimits;
  /** Bounds what clients have sent ahead, of all connections. */
  readonly heads: { readonly of: (entrance: object) => Room };
  /** Answers one request; never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Takes a connection whose next bytes, put back, are not for the lane. */
  readonly handOver: (socket: Socket, entrance: E) => void;
  /** Told when a request begins, and when all is done for it. */
  readonly onBegin: () => void;
  readonly onEnd: () => void;
  readonly onGone: (connection: LaneConnection<E>) => void;
}

/**
 * One client's connection in the lane: one request at a time. What is not plainly usual goes to the general engine,
 * with the bytes put back, and the connection with it for good.
 */
export class LaneConnection<E extends LaneEntrance> implements LaneClient, WheelTimer {
  readonly socket: Socket;
  readonly entrance: E;
  readonly peer: string;
  added: LaneClient["added"];
  due = 0;
  slot = unset;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  readonly #parts: LaneConnectionParts<E>;
  #exchange: Exchange | undefined;
  #inbound: LaneInbound | undefined;
  #ahead: Ahead | undefined;
  #served = 0;
  #servedAtCheck = -1;
  #ending = false;
  #linger: Disposable | undefined;

  constructor(socket: Socket, entrance: E, parts: LaneConnectionParts<E>) {
    this.socket = socket;
    this.entrance = entrance;
    this.#parts = parts;
    this.peer = addressOf(socket);
    readWith(socket, this.#onData);
    socket.on("end", this.#onEnd).on("drain", this.#onDrain);
    socket.on("close", this.#onClose).on("error", ignore);
    const { headTimeoutMs, keepAliveMs } = parts.limits;
    parts.wheel.set(this, parts.clock.now() + Math.min(headTimeoutMs, keepAliveMs));
  }

  get route(): Route | undefined {
    return this.entrance.route;
  }

  get closing(): boolean {
    return this.entrance.closing;
  }

  get flowing(): boolean {
    return !this.socket.writableNeedDrain;
  }

  sendText(text: string): void {
    this.socket.write(text, "latin1");
  }

  sendCopy(bytes: Buffer): void {
    const block = takeBlock();
    bytes.copy(block);
    this.socket.write(block.subarray(0, bytes.length), () => giveBlock(block));
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** A body that the pod did not want is read to its end, but not for ever. */
  answered(): void {
    const { body } = this.#inbound!;
    if (body === undefined || body.complete) return;
    this.#lingerOn();
    body.discard(() => {
      if (!this.#ending) this.#lingerOff();
      this.#next();
    });
  }

  cancel(error: RequestError): void {
    this.#exchange?.cancel(error);
  }

  /** Ends the connection if nothing is unanswered; else its answer does. */
  closeIfIdle(): void {
    if (this.#exchange === undefined) this.#closeSoon();
  }

  /** As `Connection` in `listen/`: idle for the keep-alive time, at most twice that; a first head has its own limit. */
  fire(now: Millis): void {
    const idle = this.#exchange === undefined;
    const unused = this.#served === 0 || this.#served === this.#servedAtCheck;
    this.#servedAtCheck = this.#served;
    if (idle && unused) this.socket.destroy();
    else this.#parts.wheel.set(this, now + this.#parts.limits.keepAliveMs);
  }

  /** The chunk's memory is used again once this returns. */
  readonly #onData = (chunk: Buffer): void => {
    if (this.#ending) return;
    const body = this.#inbound?.body;
    const rest =
      body === undefined || body.complete ? chunk : body.arrive(body.discarding ? chunk : copyOf(chunk));
    if (rest === undefined) return;
    if (this.#inbound === undefined) this.#begin(rest);
    else this.#keep(rest);
  };

  #keep(bytes: Buffer): void {
    this.#ahead ??= new Ahead(this.#parts.heads.of(this.entrance));
    // Without room the present answer is the last one: a client sends again what was not answered.
    if (!this.#ahead.keep(bytes)) this.#inbound!.last = true;
    else if (this.#ahead.full) this.socket.pause();
  }

  /** More than one request at once, or less than a head, is for the general engine. */
  #begin(bytes: Buffer): void {
    const head = readRequestHead(bytes, this.#parts.limits.maxHeadBytes);
    if (head === undefined || bytes.length > head.size + (head.length ?? 0)) return this.#leave(bytes);
    const body = this.#bodyOf(head, bytes);
    const inbound = new LaneInbound(head, body, this);
    const exchange = new Exchange(inbound, this.#parts.clock.now());
    this.#inbound = inbound;
    this.#exchange = exchange;
    this.#parts.onBegin();
    void this.#parts.handle(exchange).then(this.#onHandled);
  }

  #bodyOf({ length, size }: RequestHead, bytes: Buffer): LaneBody | undefined {
    if (length === undefined || length === 0) return undefined;
    const body = new LaneBody(length, (full) => void (full ? this.socket.pause() : this.socket.resume()));
    if (bytes.length > size) body.arrive(copyOf(bytes.subarray(size)));
    return body;
  }

  readonly #onHandled = (): void => {
    this.#exchange = undefined;
    this.#served++;
    this.#parts.onEnd();
    const body = this.#inbound!.body;
    if (body === undefined || body.complete) this.#next();
    else if (this.#inbound!.last || this.closing) this.#closeSoon();
  };

  /** The request is over: on to the next one, if there is to be one. */
  #next(): void {
    if (this.#exchange !== undefined || this.#inbound === undefined || this.socket.destroyed) return;
    const { last } = this.#inbound;
    this.#inbound = undefined;
    if (last || this.closing) return this.#closeSoon();
    const ahead = this.#ahead?.take();
    if (ahead === undefined) return;
    if (this.socket.isPaused()) this.socket.resume();
    this.#begin(ahead);
  }

  #leave(bytes: Buffer): void {
    const { socket } = this;
    this.#forget();
    readWith(socket, undefined);
    socket.off("end", this.#onEnd).off("drain", this.#onDrain);
    socket.off("close", this.#onClose).off("error", ignore);
    socket.pause();
    socket.unshift(copyOf(bytes));
    this.#parts.handOver(socket, this.entrance);
    socket.resume();
  }

  /** A client that does not close its side is cut off after a while; what it sends is not looked at. */
  #closeSoon(): void {
    this.#ending = true;
    this.socket.end();
    this.#lingerOn();
  }

  #lingerOn(): void {
    if (this.socket.destroyed) return;
    this.#linger ??= this.#parts.wheel.after(this.#parts.limits.lingerMs, () => this.socket.destroy());
  }

  #lingerOff(): void {
    this.#linger?.[Symbol.dispose]();
    this.#linger = undefined;
  }

  readonly #onDrain = (): void => this.#inbound?.onDrain?.();

  /** As with `node:http`, a client that closes its side is not there for an answer. */
  readonly #onEnd = (): void => {
    this.socket.end();
    this.#exchange?.cancel(new RequestError("client_closed"));
  };

  readonly #onClose = (): void => {
    this.#forget();
    const gone = new RequestError("client_closed");
    this.#exchange?.cancel(gone);
    this.#inbound?.body?.fail(gone);
  };

  #forget(): void {
    this.#parts.wheel.clear(this);
    this.#lingerOff();
    this.#ahead?.take();
    this.#parts.onGone(this);
  }
}

const ignore = (): void => {};

const addressOf = ({ remoteAddress = "" }: Socket): string =>
  remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress;
