import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import type { Logger } from "#core/log.ts";
import type { Route } from "#core/ports.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import type { Entrance } from "./connection.ts";

export interface EntranceParts {
  readonly log: Logger;
  readonly wheel: TimerWheel;
  readonly accept: (socket: Socket, entrance: Entrance) => void;
}

/** One port that is listened on. */
export class ListeningPort implements Entrance {
  route: Route | undefined;
  closing = false;
  readonly #host: string;
  readonly #port: number;
  readonly #parts: EntranceParts;
  readonly #server: Server;
  #again: Disposable | undefined;

  constructor(
    at: { readonly host: string; readonly port: number; readonly route?: Route },
    parts: EntranceParts,
  ) {
    this.route = at.route;
    this.#host = at.host;
    this.#port = at.port;
    this.#parts = parts;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      parts.accept(socket, this),
    );
  }

  /** The port in use; undefined while it is not. */
  get port(): number | undefined {
    return (this.#server.address() as AddressInfo | null)?.port;
  }

  /** Rejects when the port cannot be had; may then be called again. */
  async open(): Promise<void> {
    this.#server.listen({ host: this.#host, port: this.#port, backlog: 4096, exclusive: true });
    await once(this.#server, "listening");
    this.#server.on("error", (err) => this.#parts.log.error({ err, port: this.#port }, "port failed"));
  }

  /** Tries until it listens, or is closed: whoever had the port may go. Resolves after the first try. */
  async keepOpening(): Promise<void> {
    if (this.closing) return;
    try {
      await this.open();
    } catch (err) {
      const { log, wheel } = this.#parts;
      log.error(
        { err, service: this.route?.id, host: this.#host, port: this.#port },
        "cannot listen, trying on",
      );
      this.#again = wheel.after(1000, () => void this.keepOpening());
    }
  }

  /** Takes no more connections; those that are there end with their present answer. */
  close(): void {
    this.closing = true;
    this.#again?.[Symbol.dispose]();
    this.#server.close();
  }
}
