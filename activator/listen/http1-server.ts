import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Socket } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import { refusalText } from "../error-answer.ts";
import { Exchange } from "../exchange.ts";
import { clientFault } from "./client-fault.ts";
import { Connection, type ConnectionLimits, type Entrance } from "./connection.ts";
import { checkHead } from "./head-check.ts";
import { Http1Inbound } from "./http1-inbound.ts";
import { answerOnSocket } from "./take-over.ts";
import type { UnfinishedHeads } from "./unfinished-heads.ts";
import { upgradeOf } from "./upgrade-check.ts";
import { watchHead } from "./watch-head.ts";

export interface Http1Parts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly heads: UnfinishedHeads;
  readonly limits: ConnectionLimits & { readonly headTimeoutMs: Millis; readonly maxHeadBytes: number };
  /** Answers one request; never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Told of what was refused before it was a request. */
  readonly onRefused: (error: RequestError, peer: string) => void;
  /** Told when the last request there was has ended. */
  readonly onIdle: () => void;
}

interface ClientSocket extends Socket {
  pilotlight?: Connection;
}

/**
 * HTTP/1.1 on sockets that others have accepted: one `node:http` server for any number of ports. Strict parsing;
 * requests that were pipelined are answered in order.
 */
export class Http1Server {
  readonly #parts: Http1Parts;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #open = 0;

  constructor(parts: Http1Parts) {
    this.#parts = parts;
    const { headTimeoutMs, maxHeadBytes } = parts.limits;
    this.#server = createServer({
      maxHeaderSize: maxHeadBytes,
      headersTimeout: Math.ceil(headTimeoutMs),
      connectionsCheckingInterval: Math.max(50, Math.min(5000, Math.floor(headTimeoutMs / 4))),
      requestTimeout: 0,
      // Idle connections are `Connection`'s: node would set a timer for each request.
      keepAliveTimeout: 0,
      requireHostHeader: false,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: (request) => upgradeOf(request, connectionOf(request)) !== undefined,
    });
    // Fields beyond node's limit would be dropped without a word; the head's size is limit enough.
    this.#server.maxHeadersCount = 0;
    this.#server.on("request", (request, response) => this.#onRequest(request, response, false));
    this.#server.on("checkContinue", (request, response) => this.#onRequest(request, response, true));
    this.#server.on("checkExpectation", (request, response) => this.#onRequest(request, response, false));
    this.#server.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket as Socket, head));
    this.#server.on("connect", (request, socket) => this.#onConnect(socket as ClientSocket));
    this.#server.on("clientError", (error, socket) => this.#onClientError(error, socket as ClientSocket));
    // It never listens itself, but this is what starts its watch over heads that do not arrive.
    this.#server.emit("listening");
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Requests whose handling has not ended, also of connections that are gone. */
  get open(): number {
    return this.#open;
  }

  accept(socket: Socket, entrance: Entrance): void {
    const { limits, wheel, clock, heads } = this.#parts;
    const ahead = heads.of(entrance);
    const connection = new Connection(socket, entrance, { limits, wheel, now: clock.now(), ahead });
    (socket as ClientSocket).pilotlight = connection;
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
    this.#server.emit("connection", socket);
    this.#watchHeads(socket, connection);
  }

  /** After the parser has had its bytes. */
  #watchHeads(socket: ClientSocket, connection: Connection): void {
    const head = this.#parts.heads.of(connection.entrance);
    connection.headWatch = watchHead(socket, head, () => {
      if (connection.broken !== "no") return;
      connection.broken = "next";
      const detail = "too many heads are unfinished (PILOTLIGHT_MAX_UNFINISHED_HEAD_BYTES)";
      this.#refuseInTurn(connection, new RequestError("overloaded", { detail, retryAfter: 1 }));
    });
  }

  /** Ends the watch over heads; connections are their own. */
  close(): void {
    this.#server.close();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    this.#begin(request, response, { expectsContinue, upgrade: undefined });
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    connectionOf(request).headWatch?.stop();
    const upgrade = request.headers.upgrade;
    this.#begin(request, answerOnSocket(request, socket, head), { expectsContinue: false, upgrade });
  }

  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    wish: { readonly expectsContinue: boolean; readonly upgrade: string | undefined },
  ): void {
    const connection = connectionOf(request);
    connection.headWatch?.headRead();
    if (connection.broken !== "no") return;
    const head = checkHead(request);
    const valid = !(head instanceof RequestError);
    const checked = valid ? head : { target: request.url!, host: undefined };
    const inbound = new Http1Inbound(request, response, connection, { ...checked, ...wish });
    const exchange = new Exchange(inbound, this.#parts.clock.now());
    connection.begin(exchange, inbound);
    if (!valid) {
      connection.broken = "last";
      exchange.cancel(head);
    }
    this.#open++;
    connection.inTurn(exchange, () => void this.#handle(connection, exchange));
  }

  async #handle(connection: Connection, exchange: Exchange): Promise<void> {
    await this.#parts.handle(exchange);
    this.#open--;
    connection.end(exchange);
    if (this.#open === 0) this.#parts.onIdle();
  }

  #onConnect(socket: ClientSocket): void {
    const connection = socket.pilotlight!;
    connection.headWatch?.stop();
    connection.broken = "next";
    this.#refuseInTurn(
      connection,
      new RequestError("bad_request", { detail: "this is not a proxy for CONNECT" }),
    );
  }

  #onClientError(error: Error, socket: ClientSocket): void {
    const connection = socket.pilotlight;
    const fault = clientFault(error);
    if (connection === undefined || fault === undefined) return void socket.destroy();
    connection.headWatch?.stop();
    if (connection.broken !== "no") return;
    connection.broken = connection.last?.body?.complete === false ? "last" : "next";
    if (connection.broken === "last") connection.cancelLast(fault);
    else this.#refuseInTurn(connection, fault);
  }

  #refuseInTurn(connection: Connection, fault: RequestError): void {
    const { last } = connection;
    if (last === undefined || last.flushed) this.#refuse(connection, fault);
    else last.onFlushed(() => this.#refuse(connection, fault));
  }

  #refuse(connection: Connection, fault: RequestError): void {
    this.#parts.onRefused(fault, connection.peer);
    connection.socket.write(refusalText(fault));
    connection.closeSoon();
  }
}

const connectionOf = (request: IncomingMessage): Connection => (request.socket as ClientSocket).pilotlight!;
