import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Clock } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { ClientLimits } from "#core/revision.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import { Exchange } from "../exchange.ts";
import type { Entrance } from "./connection.ts";
import { Http2Connection, type Http2Limits } from "./http2-connection.ts";
import { readHead } from "./http2-head.ts";
import { Http2Inbound } from "./http2-inbound.ts";
import type { ProtocolServer } from "./protocol-server.ts";
import type { UnfinishedHeads } from "./unfinished-heads.ts";

interface Http2Parts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly limits: Http2Limits;
  readonly heads: UnfinishedHeads;
  /** What the Service behind an entrance sets. */
  readonly limitsOf: (entrance: Entrance) => ClientLimits | undefined;
  /** Answers one request; never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Told of what was refused before it was a request. */
  readonly onRefused: (error: RequestError, peer: string) => void;
  /** Told when the last request there was has ended. */
  readonly onIdle: () => void;
}

const ignore = (): void => {};

/** HTTP/2 without TLS, with prior knowledge, on sockets whose first bytes are its preface. */
export class Http2Server implements ProtocolServer {
  readonly #parts: Http2Parts;
  readonly #connections = new Set<Http2Connection>();
  #open = 0;

  constructor(parts: Http2Parts) {
    this.#parts = parts;
  }

  get connections(): ReadonlySet<Http2Connection> {
    return this.#connections;
  }

  get open(): number {
    return this.#open;
  }

  accept(socket: Socket, entrance: Entrance): void {
    const { limits, limitsOf, heads, wheel, clock, onRefused } = this.#parts;
    const own = limitsOf(entrance);
    const parts = { limits, own, wheel, clock, head: heads.of(entrance) };
    const connection = new Http2Connection(socket, entrance, parts);
    const { session, peer } = connection;
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
    session.on("error", (error) =>
      onRefused(new RequestError("bad_request", { detail: error.message }), peer),
    );
    session.on("stream", (stream, headers, _flags, raw) => this.#begin(connection, stream, { headers, raw }));
    const control = () => {
      connection.guard.control(clock.now());
      this.#judge(connection);
    };
    session.on("ping", control);
    session.on("remoteSettings", control);
  }

  close(): void {}

  #judge(connection: Http2Connection): void {
    const { abuse } = connection.guard;
    if (abuse !== undefined) connection.calm(abuse);
  }

  #begin(
    connection: Http2Connection,
    stream: ServerHttp2Stream,
    { headers, raw }: { readonly headers: IncomingHttpHeaders; readonly raw: string[] },
  ): void {
    stream.on("error", ignore);
    connection.guard.streamBegan();
    const head = readHead(raw);
    const valid = !(head instanceof RequestError);
    const usable = valid
      ? head
      : { method: "GET", target: "/", host: undefined, fields: [], upgrade: undefined };
    const inbound = new Http2Inbound(stream, headers, usable, connection);
    const exchange = new Exchange(inbound, this.#parts.clock.now());
    if (!valid) exchange.cancel(head);
    connection.begin(exchange, stream);
    stream.on("close", () => {
      if (!exchange.tunnelled) exchange.cancel(new RequestError("client_closed"));
      if (stream.aborted && !inbound.cut) this.#onReset(connection, exchange);
    });
    this.#open++;
    void this.#parts.handle(exchange).then(() => {
      this.#open--;
      connection.end(exchange);
      if (this.#open === 0) this.#parts.onIdle();
    });
  }

  #onReset(connection: Http2Connection, exchange: Exchange): void {
    connection.guard.streamReset(this.#parts.clock.now() - exchange.arrivedAt);
    this.#judge(connection);
  }
}
