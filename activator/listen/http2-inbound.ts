import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { Route } from "#core/ports.ts";
import { fieldsObject, lowerFields, unwritable } from "../http2-fields.ts";
import type { Fields, Inbound } from "../inbound.ts";
import { Http2Body } from "./http2-body.ts";
import type { Http2Head } from "./http2-head.ts";

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** What a request needs to know of its connection. */
interface Http2Origin {
  readonly peer: string;
  readonly route: Route | undefined;
  /** Calls back when a client has had its time to stop sending a body that nobody reads. */
  linger(fn: () => void): Disposable;
}

/** A request on one stream of an HTTP/2 connection, and its answer. */
export class Http2Inbound implements Inbound {
  readonly stream = true;
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly fields: Fields;
  readonly upgrade: string | undefined;
  readonly peer: string;
  readonly route: Route | undefined;
  readonly body: Http2Body | undefined;
  readonly expectsContinue: boolean;
  onDrain: (() => void) | undefined;
  /** It was ended from here, not by the client. */
  cut = false;
  readonly #from: Http2Origin;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  /** The head of the answer while it is held back to see whether a body follows. */
  #head: string[] | undefined;
  #started = false;
  #trailers: Fields = [];

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, head: Http2Head, from: Http2Origin) {
    this.method = head.method;
    this.target = head.target;
    this.host = head.host;
    this.fields = head.fields;
    this.upgrade = head.upgrade;
    this.peer = from.peer;
    this.route = from.route;
    this.#from = from;
    this.#stream = stream;
    this.#headers = headers;
    this.body = head.upgrade === undefined ? bodyOf(stream, headers) : undefined;
    this.expectsContinue = this.body !== undefined && headers.expect?.toLowerCase() === "100-continue";
    stream.on("drain", () => this.onDrain?.());
    if (this.body === undefined && this.upgrade === undefined) stream.resume();
  }

  get started(): boolean {
    return this.#started;
  }

  field(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  inform(status: number, fields: Fields): void {
    if (this.#started || this.#gone) return;
    this.#stream.additionalHeaders({ ":status": status, ...fieldsObject(lowerFields(fields)) });
  }

  start(status: number, _reason: string, fields: Fields): void {
    if (status > 599) throw unwritable(`the status ${status}`);
    this.#head = [":status", String(status), ...lowerFields(fields)];
    this.#started = true;
    process.nextTick(flushHead, this);
  }

  write(chunk: Uint8Array): boolean {
    this.flushHead();
    if (this.#gone || this.#stream.writableEnded) return true;
    return this.#stream.write(chunk);
  }

  /** An answer that is only a head ends with it: gRPC tells by that that it is one (Trailers-Only). */
  end(trailers: Fields): void {
    const stream = this.#stream;
    if (this.#head !== undefined && trailers.length === 0) this.#respond({ endStream: true });
    this.flushHead();
    if (this.#gone) return;
    this.#trailers = trailers;
    this.#stopClient();
    stream.end();
  }

  flushHead(): void {
    const head = this.#head;
    if (head === undefined) return;
    // Without a length only the frame that is held back for trailers tells a good end from a cut (node sends what it
    // has before it resets a stream).
    const waitForTrailers = !head.includes("content-length") || head.includes("trailer");
    this.#respond({ waitForTrailers });
  }

  tunnel(_reason: string, fields: Fields): Duplex {
    const passed: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      if (!/^(connection|upgrade|sec-websocket-accept)$/i.test(fields[i]!))
        passed.push(fields[i]!, fields[i + 1]!);
    }
    this.#head = [":status", "200", ...lowerFields(passed)];
    this.#started = true;
    this.#respond({});
    return this.#stream;
  }

  destroy(): void {
    this.cut = true;
    this.#stream.close(INTERNAL_ERROR);
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #respond(options: { readonly endStream?: boolean; readonly waitForTrailers?: boolean }): void {
    const head = this.#head!;
    const stream = this.#stream;
    this.#head = undefined;
    if (this.#gone) return;
    if (options.waitForTrailers === true) {
      stream.on("wantTrailers", () => {
        // Also when it is cut: then the end must not look like one.
        if (!stream.closed) orCut(stream, () => stream.sendTrailers(fieldsObject(this.#trailers)));
      });
    }
    orCut(stream, () => stream.respond(head, { ...options, sendDate: false } as object));
  }

  /**
   * The answer is complete: the client need not send the rest of its body, and is told so (RFC 9113, 8.1), but not at
   * once: some (curl 7.88) take the reset for a failure and lose the answer. Until then its bytes are thrown away.
   */
  #stopClient(): void {
    const stream = this.#stream;
    if (this.body === undefined || this.body.complete || stream.closed) return;
    const limit = this.#from.linger(() => stream.close(NO_ERROR));
    stream.once("close", () => limit[Symbol.dispose]());
    this.body.discard();
  }
}

/** What node refuses to write ends that stream, and nothing else. */
const orCut = (stream: ServerHttp2Stream, write: () => void): void => {
  try {
    write();
  } catch {
    stream.close(INTERNAL_ERROR);
  }
};

const flushHead = (inbound: Http2Inbound): void => inbound.flushHead();

const bodyOf = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Http2Body | undefined => {
  const declared = headers["content-length"];
  if (stream.endAfterHeaders || declared === "0") return undefined;
  return new Http2Body(stream, declared === undefined ? undefined : Number(declared));
};
