/**
 * Unary gRPC calls over a Unix socket on Node's own HTTP/2 (gRPC over HTTP/2,
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). While a pod starts the runtime is asked hundreds
 * of times a second, beside that very start: the general library takes twice the CPU and 3 MB more for the same.
 */
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";

/** A call that was answered with another status than OK, or not at all. */
class CallError extends Error {
  override readonly name = "CallError";
}

export interface UnaryOptions {
  readonly socket: string;
  readonly clock: Clock;
  /** For each call, from asking to the whole answer. */
  readonly limitMs: Millis;
}

/** Bytes of an answer; a sandbox's status has a few hundred. */
const LARGEST_ANSWER = 1024 * 1024;
/** In front of each message: whether it is compressed, and its length. */
const PREFIX = 5;
const OK = "0";

/** The connection is made at the first call, and again at the first one after it was lost. */
export class UnaryClient {
  readonly #options: UnaryOptions;
  #session: ClientHttp2Session | undefined;

  constructor(options: UnaryOptions) {
    this.#options = options;
  }

  /** The answer's message. Rejects with a `CallError`, or with the connection's own error. */
  call(path: string, message: Uint8Array): Promise<Uint8Array> {
    const { clock, limitMs } = this.#options;
    const stream = this.#connected().request({
      ":method": "POST",
      ":path": path,
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-timeout": `${Math.ceil(limitMs)}m`,
    });
    stream.end(framed(message));
    const late = (): void => void stream.destroy(new CallError(`no answer to ${path} within ${limitMs} ms`));
    const limit = clock.after(limitMs, late);
    return answerOf(stream).finally(() => limit[Symbol.dispose]());
  }

  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    const present = this.#session;
    if (present !== undefined && !present.closed && !present.destroyed) return present;
    const { socket } = this.#options;
    const session = http2.connect("http://localhost", { createConnection: () => connect(socket) });
    // Each call in flight is told by its own stream.
    session.on("error", () => undefined);
    this.#session = session;
    return session;
  }
}

const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(PREFIX + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX);
  return frame;
};

const answerOf = (stream: ClientHttp2Stream): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    /** The status comes after the message, or in the head of an answer that has none. */
    let said: IncomingHttpHeaders = {};
    stream.on("response", (head) => (said = head));
    stream.on("trailers", (trailers) => (said = trailers));
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_ANSWER) stream.destroy(new CallError("the answer is too large"));
    });
    stream.on("error", reject);
    stream.on("close", () => {
      const answer = messageIn(said, chunks);
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
  });

const messageIn = (said: IncomingHttpHeaders, chunks: readonly Buffer[]): Uint8Array | CallError => {
  const status = said["grpc-status"];
  if (status !== OK) {
    const text = decoded(said["grpc-message"]) ?? `HTTP status ${Number(said[":status"] ?? 0)}`;
    return new CallError(`status ${typeof status === "string" ? status : "none"}: ${text}`);
  }
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const whole = body.length >= PREFIX && body[0] === 0 && body.readUInt32BE(1) === body.length - PREFIX;
  return whole ? body.subarray(PREFIX) : new CallError("the answer is no single plain message");
};

/** The text is percent-encoded; one that is not well-formed is told as it is. */
const decoded = (text: string | string[] | undefined): string | undefined => {
  if (typeof text !== "string") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
