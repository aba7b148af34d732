import type { Duplex } from "node:stream";
import type { Route } from "#core/ports.ts";

/** Names and values in turn, in the order and the case they were written in. */
export type Fields = readonly string[];

/** The body of a request. It is not read before somebody asks for its chunks. */
export interface RequestBody {
  /** Bytes it will have; undefined when chunked. */
  readonly length: number | undefined;
  /** Whether its first bytes have arrived already. */
  readonly begun: boolean;
  /**
   * The bytes as they come, each chunk asked for when it is wanted. Throws when the client goes away or breaks
   * the framing. Leaving early is allowed.
   */
  chunks(): AsyncIterable<Uint8Array>;
  /** The fields behind a chunked body, once all of it has been read. */
  trailers(): Fields;
}

/**
 * One request as a listener received it, and the way back to its client. The pipeline and the forwarding engines
 * know nothing else of the client's side: HTTP/1.1 on `node:http` is one implementation (`listen/`).
 */
export interface Inbound {
  readonly method: string;
  /** Origin form (`/path?query`), or `*`. */
  readonly target: string;
  /** As the client wrote it, port included; undefined from HTTP/1.0 clients that sent none. */
  readonly host: string | undefined;
  readonly fields: Fields;
  /** The value of a field by its lower-case name, joined by commas where it came several times. */
  field(name: string): string | undefined;
  /** Bytes of the head, where that is known without making `fields`. */
  readonly headBytes?: number;
  /** Address of the client, without a port. */
  readonly peer: string;
  /** The route whose port took the connection; undefined on the front port. */
  readonly route: Route | undefined;
  /** undefined when there is none, also for a declared length of 0. */
  readonly body: RequestBody | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** The protocol the client asks to change to, when that is possible on its connection. */
  readonly upgrade: string | undefined;
  /** Not HTTP but bytes: they are spliced, and a failure can only be told by a reset. */
  readonly raw?: true;
  /** One of the streams of an HTTP/2 connection: its answer can end with trailers at any time. */
  readonly stream?: true;

  /** Whether the head of the final answer has been handed over: from then on it cannot be another one. */
  readonly started: boolean;
  /** Sends a 1xx other than 101; does nothing for a client that cannot take it. */
  inform(status: number, fields: Fields): void;
  /** Begins the final answer. Throws when a field cannot be written. */
  start(status: number, reason: string, fields: Fields): void;
  /** Sends a part of the body; false asks the caller to stop until `onDrain` is called. */
  write(chunk: Uint8Array): boolean;
  /** Ends the answer. Trailers are dropped when its framing has no place for them. */
  end(trailers: Fields): void;
  /** Answers 101 and gives away the connection, raw; what the client sent ahead comes first. */
  tunnel(reason: string, fields: Fields): Duplex;
  /** Cuts the connection: the client sees that the answer is not complete. */
  destroy(): void;
  onDrain: (() => void) | undefined;
}
