import {
  type ServerHttp2Session,
  type ServerHttp2Stream,
  constants,
  performServerHandshake,
} from "node:http2";
import type { Socket } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Route } from "#core/ports.ts";
import type { ClientLimits } from "#core/revision.ts";
import { type TimerWheel, type WheelTimer, unset } from "#core/timer-wheel.ts";
import type { Exchange } from "../exchange.ts";
import type { Entrance } from "./connection.ts";
import { Http2Gate } from "./http2-gate.ts";
import { Http2Guard } from "./http2-guard.ts";
import { peerAddress } from "./peer-address.ts";
import type { ClientConnection } from "./protocol-server.ts";
import type { UnfinishedHead } from "./unfinished-heads.ts";

export interface Http2Limits {
  readonly keepAliveMs: Millis;
  readonly lingerMs: Millis;
  readonly maxHeadBytes: number;
  readonly maxStreams: number;
}

/** Bytes on the way to us that no request has taken yet, over all streams of a connection (Envoy's value at an edge). */
const connectionWindow = 1_048_576;

const sessionOptions = ({ maxHeadBytes, maxStreams }: Http2Limits, streams = maxStreams) => ({
  // Fields, the pseudo ones included; as many as HTTP/1.1 may have here.
  maxHeaderListPairs: 1000,
  // MB of node's own memory; beyond it new streams are refused.
  maxSessionMemory: 32,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  // What a client sends twice is the pod's to judge, as in HTTP/1.1.
  strictSingleValueFields: false,
  settings: {
    enablePush: false,
    enableConnectProtocol: true,
    maxConcurrentStreams: streams,
    maxHeaderListSize: maxHeadBytes,
    initialWindowSize: 65_535,
  },
});

/** One client's HTTP/2 connection: its unanswered requests, what it may ask of us, and when it must end. */
export class Http2Connection implements ClientConnection, WheelTimer {
  readonly socket: Socket;
  readonly entrance: Entrance;
  readonly peer: string;
  readonly session: ServerHttp2Session;
  readonly guard: Http2Guard;
  due = 0;
  slot = unset;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  readonly #open = new Set<Exchange>();
  readonly #streams = new Map<number, ServerHttp2Stream>();
  readonly #limits: Http2Limits;
  readonly #wheel: TimerWheel;
  readonly #head: UnfinishedHead;
  #headBegun = false;
  #served = 0;
  #servedAtCheck = -1;

  constructor(
    socket: Socket,
    entrance: Entrance,
    parts: {
      readonly limits: Http2Limits;
      /** What the Service sets. */
      readonly own: ClientLimits | undefined;
      readonly wheel: TimerWheel;
      readonly clock: Clock;
      readonly head: UnfinishedHead;
    },
  ) {
    const { limits, own, head } = parts;
    this.socket = socket;
    this.entrance = entrance;
    this.peer = peerAddress(socket);
    this.#limits = limits;
    this.guard = new Http2Guard(own);
    this.#wheel = parts.wheel;
    socket.on("error", () => {});
    this.#head = head;
    socket.on("close", () => this.#onClose());
    const gate = new Http2Gate(socket, {
      onGoaway: (code, why) => this.destroy(code, why),
      onReset: (id, code) => this.#reset(id, code),
      onHead: (finished) => this.#onHead(finished),
    });
    this.session = performServerHandshake(gate, sessionOptions(limits, own?.streams));
    this.session.setLocalWindowSize(connectionWindow);
    this.session.on("goaway", () => parts.wheel.set(this, parts.clock.now() + limits.lingerMs));
    this.#wheel.set(this, parts.clock.now() + limits.keepAliveMs);
  }

  get route(): Route | undefined {
    return this.entrance.route;
  }

  linger(fn: () => void): Disposable {
    return this.#wheel.after(this.#limits.lingerMs, fn);
  }

  begin(exchange: Exchange, stream: ServerHttp2Stream): void {
    this.#open.add(exchange);
    const { id } = stream;
    this.#streams.set(id!, stream);
    stream.on("close", () => this.#streams.delete(id!));
  }

  end(exchange: Exchange): void {
    this.#open.delete(exchange);
    this.#served++;
  }

  cancel(error: RequestError): void {
    for (const exchange of this.#open) exchange.cancel(error);
  }

  /** No more requests; those that are open are answered (GOAWAY). */
  closeIfIdle(): void {
    this.session.close();
  }

  /** Says that it asks too much, and cuts it. */
  calm(why: string): void {
    this.destroy(constants.NGHTTP2_ENHANCE_YOUR_CALM, why);
  }

  /** Ends it with an error of HTTP/2's. */
  destroy(code: number, why: string): void {
    if (!this.session.destroyed) this.session.destroy(new Error(why), code);
  }

  /**
   * Idle for the whole keep-alive time, and at most twice that. One that is being closed and still here is cut: node
   * reads no further once either side has said GOAWAY, and would not see that the client has gone.
   */
  fire(now: Millis): void {
    const { keepAliveMs, lingerMs } = this.#limits;
    const open = this.#open.size > 0;
    const idle = !open && this.#served === this.#servedAtCheck;
    this.#servedAtCheck = this.#served;
    if (this.session.closed && !open) return void this.socket.destroy();
    if (idle) this.session.close();
    this.#wheel.set(this, now + (this.session.closed ? lingerMs : keepAliveMs));
  }

  /** What the fields of a head take is known only at its end: until then it counts as the largest that may be. */
  #onHead(finished: boolean): void {
    const begins = !finished && !this.#headBegun;
    this.#headBegun = !finished;
    if (finished) this.#head.done();
    else if (begins && !this.#head.grow(this.#limits.maxHeadBytes)) this.calm("too many unfinished heads");
  }

  #reset(id: number, code: number): boolean {
    const stream = this.#streams.get(id);
    stream?.close(code);
    return stream !== undefined;
  }

  #onClose(): void {
    this.#wheel.clear(this);
    this.#head.done();
    for (const exchange of this.#open) {
      if (!exchange.tunnelled) exchange.cancel(new RequestError("client_closed"));
    }
  }
}
