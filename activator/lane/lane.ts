import type { Socket } from "node:net";
import { LaneConnection, type LaneConnectionParts, type LaneEntrance } from "./lane-connection.ts";

export interface LaneParts<E extends LaneEntrance> extends Omit<
  LaneConnectionParts<E>,
  "onBegin" | "onEnd" | "onGone"
> {
  /** No request is open any more. */
  readonly onIdle: () => void;
}

/**
 * The short way of a request: heads read from the socket itself by a strict grammar, one request at a time. What it
 * does not know it hands to the general engine, which reads the same bytes (ADR 0015).
 */
export class Lane<E extends LaneEntrance> {
  readonly #parts: LaneConnectionParts<E>;
  readonly #connections = new Set<LaneConnection<E>>();

  #open = 0;

  constructor(parts: LaneParts<E>) {
    this.#parts = {
      ...parts,
      onBegin: () => void this.#open++,
      onEnd: () => {
        if (--this.#open === 0) parts.onIdle();
      },
      onGone: (connection) => void this.#connections.delete(connection),
    };
  }

  get connections(): ReadonlySet<LaneConnection<E>> {
    return this.#connections;
  }

  /** Requests whose handling has not ended, also of connections that are gone. */
  get open(): number {
    return this.#open;
  }

  accept(socket: Socket, entrance: E): void {
    this.#connections.add(new LaneConnection(socket, entrance, this.#parts));
  }

  /** Connections are their own. */
  close(): void {}
}
