import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { RequestError } from "#core/errors.ts";
import type { Route } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { Fields, Inbound } from "../inbound.ts";
import { reset } from "../forward/reset.ts";
import type { Entrance } from "./connection.ts";
import { peerAddress } from "./peer-address.ts";

const ignore = (): void => {};

/**
 * A connection whose bytes concern nobody but client and pod. It is one request that goes through the pipeline like
 * any other, and its answer is the pod's end of it. While it waits at most one stream buffer (64 KiB) is read ahead.
 */
export class TcpConnection implements Inbound {
  readonly method = "TCP";
  readonly target = "";
  readonly host = undefined;
  readonly fields: Fields = [];
  readonly body = undefined;
  readonly expectsContinue = false;
  readonly upgrade = "tcp";
  readonly raw = true;
  readonly started = false;
  readonly socket: Socket;
  readonly entrance: Entrance;
  readonly peer: string;
  onDrain: (() => void) | undefined;
  #exchange: Exchange | undefined;

  constructor(socket: Socket, entrance: Entrance) {
    this.socket = socket;
    this.entrance = entrance;
    this.peer = peerAddress(socket);
    socket.on("error", ignore);
  }

  get route(): Route | undefined {
    return this.entrance.route;
  }

  /** Whoever has the exchange is told when the client breaks off; a client that only stops sending still waits. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    this.socket.on("close", () => {
      if (!exchange.tunnelled) exchange.cancel(new RequestError("client_closed"));
    });
  }

  field(): undefined {
    return undefined;
  }

  tunnel(): Duplex {
    return this.socket;
  }

  /** By a reset: an end could be taken for the pod's. */
  destroy(): void {
    reset(this.socket);
  }

  cancel(error: RequestError): void {
    this.#exchange?.cancel(error);
  }

  /** It is never idle: it ends when client and pod end it. */
  closeIfIdle(): void {}

  inform(): void {}

  start(): void {
    throw new Error("a TCP connection has no answer to start");
  }

  write(): boolean {
    return true;
  }

  end(): void {
    this.socket.end();
  }
}
