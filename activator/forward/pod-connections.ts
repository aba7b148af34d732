import { Client } from "undici";
import type { ForwardParts } from "./forward-parts.ts";

/** One connection to a pod; carries one request at a time. Connects when first used. */
export class PodConnection {
  readonly client: Client;
  /** Requests that the present socket has answered. */
  served = 0;
  idle = false;

  constructor(client: Client) {
    this.client = client;
  }
}

/**
 * The connections to one port of one pod: the one that was used last is used first, a new one is made when all are
 * busy. undici's `Client` holds a single socket; its `Pool` could not tell whether a socket had been used before,
 * which decides about retries.
 */
export class PodConnections {
  readonly #origin: string;
  readonly #options: ForwardParts;
  readonly #onEmpty: () => void;
  readonly #idle: PodConnection[] = [];
  readonly #all = new Set<PodConnection>();

  constructor(origin: string, options: ForwardParts, onEmpty: () => void) {
    this.#origin = origin;
    this.#options = options;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#all.size;
  }

  take(): PodConnection {
    const connection = this.#idle.pop() ?? this.#make();
    connection.idle = false;
    return connection;
  }

  /** After an answer that was complete. */
  giveBack(connection: PodConnection): void {
    if (!this.#all.has(connection)) return;
    connection.served++;
    connection.idle = true;
    this.#idle.push(connection);
  }

  /** After anything else: the state of its socket is not known. */
  discard(connection: PodConnection): void {
    if (!this.#all.delete(connection)) return;
    if (connection.idle) this.#idle.splice(this.#idle.indexOf(connection), 1);
    void connection.client.destroy();
    if (this.#all.size === 0) this.#onEmpty();
  }

  close(): void {
    for (const connection of this.#all) this.discard(connection);
  }

  #make(): PodConnection {
    const { podConnectMs, podIdleMs, maxHeadBytes } = this.#options;
    const client = new Client(this.#origin, {
      pipelining: 1,
      allowH2: false,
      // Time limits of requests are the deadline step's; undici's own would end requests behind its back.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: maxHeadBytes,
      connectTimeout: podConnectMs,
      keepAliveTimeout: podIdleMs,
      keepAliveMaxTimeout: podIdleMs,
      keepAliveTimeoutThreshold: 1000,
    });
    const connection = new PodConnection(client);
    this.#all.add(connection);
    client.on("disconnect", () => {
      connection.served = 0;
      if (connection.idle) this.discard(connection);
    });
    return connection;
  }
}
