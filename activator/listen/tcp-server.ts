import type { Socket } from "node:net";
import type { Clock } from "#core/clock.ts";
import { Exchange } from "../exchange.ts";
import type { Entrance } from "./connection.ts";
import type { ProtocolServer } from "./protocol-server.ts";
import { TcpConnection } from "./tcp-connection.ts";

interface TcpParts {
  readonly clock: Clock;
  /** Handles one connection to its end; never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Told when the last connection there was has been handled. */
  readonly onIdle: () => void;
}

/** Takes the connections of ports that are not HTTP: each is one request. */
export class TcpServer implements ProtocolServer {
  readonly #parts: TcpParts;
  readonly #connections = new Set<TcpConnection>();
  #open = 0;

  constructor(parts: TcpParts) {
    this.#parts = parts;
  }

  get connections(): ReadonlySet<TcpConnection> {
    return this.#connections;
  }

  get open(): number {
    return this.#open;
  }

  accept(socket: Socket, entrance: Entrance): void {
    const connection = new TcpConnection(socket, entrance);
    const exchange = new Exchange(connection, this.#parts.clock.now());
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
    connection.begin(exchange);
    this.#open++;
    void this.#parts.handle(exchange).then(() => {
      this.#open--;
      if (this.#open === 0) this.#parts.onIdle();
    });
  }

  close(): void {}
}
