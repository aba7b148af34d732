import type { Socket } from "node:net";
import type { Millis } from "#core/clock.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import type { Entrance } from "./connection.ts";
import type { ClientConnection, ProtocolServer } from "./protocol-server.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Whether a connection's first bytes are HTTP/2's (RFC 9113, 3.4); undefined while that cannot be told yet. */
export const isHttp2 = (first: Buffer): boolean | undefined => {
  const length = Math.min(first.length, preface.length);
  if (first.compare(preface, 0, length, 0, length) !== 0) return false;
  return first.length >= preface.length ? true : undefined;
};

/** A whole first line that HTTP/1.1 cannot begin with. */
const notHttp1 = (first: Buffer): boolean => {
  const end = first.indexOf("\n");
  return end >= 0 && !/ HTTP\/1\.[01]\r?$/.test(first.toString("latin1", 0, end));
};

type Decide = (verdict: "http1" | "http2" | undefined, first: Buffer) => void;

interface SnifferParts {
  readonly wheel: TimerWheel;
  /** A connection that has not said by then what it speaks is cut. */
  readonly limitMs: Millis;
  /** Clients are expected to speak HTTP/2: what is neither version is no preface, and ends the connection. */
  readonly prefersHttp2: (entrance: Entrance) => boolean;
  readonly http1: Pick<ProtocolServer, "accept">;
  readonly http2: Pick<ProtocolServer, "accept">;
}

/** Tells HTTP/2 from HTTP/1.1 by a connection's first bytes, and hands it on with those bytes put back. */
export class Sniffer implements ProtocolServer {
  readonly open = 0;
  readonly #parts: SnifferParts;
  readonly #undecided = new Set<Undecided>();

  constructor(parts: SnifferParts) {
    this.#parts = parts;
  }

  get connections(): ReadonlySet<ClientConnection> {
    return this.#undecided;
  }

  accept(socket: Socket, entrance: Entrance): void {
    const { wheel, limitMs, http1, http2, prefersHttp2 } = this.#parts;
    const undecided = new Undecided(socket, entrance, (verdict, first) => {
      limit[Symbol.dispose]();
      this.#undecided.delete(undecided);
      if (verdict === "http2") http2.accept(socket, entrance);
      else if (verdict === undefined || (prefersHttp2(entrance) && notHttp1(first))) socket.destroy();
      else http1.accept(socket, entrance);
    });
    const limit = wheel.after(limitMs, () => socket.destroy());
    this.#undecided.add(undecided);
    // Whoever hands a connection over may do so within the socket's own push, which then sees the bytes that were put
    // back and stops reading for want of room: nobody would begin again.
    process.nextTick(undecided.look);
  }

  close(): void {}
}

class Undecided implements ClientConnection {
  readonly socket: Socket;
  readonly entrance: Entrance;
  readonly #decide: Decide;
  #seen: Buffer = Buffer.alloc(0);
  #left = false;

  /** `decide` is told nothing when the connection has gone. */
  constructor(socket: Socket, entrance: Entrance, decide: Decide) {
    this.socket = socket;
    this.entrance = entrance;
    this.#decide = decide;
    socket.on("readable", this.look).on("end", this.#onEnd).on("close", this.#onClose);
    socket.on("error", this.#onClose);
  }

  readonly look = (): void => {
    if (this.#left) return;
    const chunk = this.socket.read() as Buffer | null;
    if (chunk === null) return;
    this.#seen = this.#seen.length === 0 ? chunk : Buffer.concat([this.#seen, chunk]);
    const http2 = isHttp2(this.#seen);
    if (http2 === undefined) return;
    this.#leave();
    this.socket.unshift(this.#seen);
    this.#decide(http2 ? "http2" : "http1", this.#seen);
  };

  /** It has said nothing yet. */
  closeIfIdle(): void {
    this.socket.destroy();
  }

  cancel(): void {}

  readonly #onEnd = (): void => void this.socket.destroy();

  readonly #onClose = (): void => {
    this.#leave();
    this.socket.on("error", () => {});
    this.#decide(undefined, this.#seen);
  };

  #leave(): void {
    this.#left = true;
    const { socket } = this;
    socket.off("readable", this.look).off("end", this.#onEnd).off("close", this.#onClose);
    socket.off("error", this.#onClose);
  }
}
