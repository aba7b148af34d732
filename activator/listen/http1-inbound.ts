import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Route } from "#core/ports.ts";
import type { Fields, Inbound } from "../inbound.ts";
import type { CheckedHead } from "./head-check.ts";
import { Http1Body } from "./http1-body.ts";
import { takeOver } from "./take-over.ts";

/** What an inbound request needs to know of its connection. */
export interface InboundConnection {
  readonly peer: string;
  readonly route: Route | undefined;
  /** Whether the answer to this request is the connection's last one. */
  endsWith(inbound: Http1Inbound): boolean;
  /** Takes care of a body that nobody reads any more. */
  discard(body: Http1Body): void;
}

const ignore = (): void => {};

/** A request on `node:http`'s server, and its answer. */
export class Http1Inbound implements Inbound {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly fields: Fields;
  readonly route: Route | undefined;
  readonly peer: string;
  readonly body: Http1Body | undefined;
  readonly expectsContinue: boolean;
  readonly upgrade: string | undefined;
  onDrain: (() => void) | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: InboundConnection;
  #started = false;
  #drainHeard = false;
  #wrote = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: InboundConnection,
    head: CheckedHead & { readonly expectsContinue: boolean; readonly upgrade: string | undefined },
  ) {
    this.method = request.method!;
    this.target = head.target;
    this.host = head.host;
    this.fields = request.rawHeaders;
    this.route = connection.route;
    this.peer = connection.peer;
    this.body = bodyOf(request);
    this.expectsContinue = head.expectsContinue;
    this.upgrade = head.upgrade;
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    response.on("error", ignore);
  }

  field(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Whether every byte of the answer has been given to the system. */
  get flushed(): boolean {
    return this.#response.writableFinished;
  }

  onFlushed(fn: () => void): void {
    this.#response.once("finish", fn);
  }

  inform(status: number, fields: Fields): void {
    const response = this.#response;
    if (this.#started || response.destroyed || this.#request.httpVersionMinor === 0) return;
    // Only this call tells node that the client will send its body.
    if (status === 100) response.writeContinue();
    else response.writeInformation(status, fields as string[]);
  }

  start(status: number, reason: string, fields: Fields): void {
    const response = this.#response;
    response.sendDate = false;
    if (this.#connection.endsWith(this)) response.shouldKeepAlive = false;
    response.writeHead(status, reason, this.#withoutUselessTrailer(status, fields) as string[]);
    this.#started = true;
    process.nextTick(flushHead, this);
  }

  write(chunk: Uint8Array): boolean {
    const response = this.#response;
    this.#wrote = true;
    if (response.write(chunk)) return true;
    if (!this.#drainHeard) {
      this.#drainHeard = true;
      response.on("drain", () => this.onDrain?.());
    }
    return false;
  }

  end(trailers: Fields): void {
    const response = this.#response;
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(pairs(trailers));
    response.end();
    if (this.body !== undefined && !this.body.complete) this.#connection.discard(this.body);
  }

  /** An answer whose body has not come in the same turn as its head: the client gets the head now. */
  flushHead(): void {
    const response = this.#response;
    if (this.#wrote || response.writableEnded || response.destroyed) return;
    // `flushHeaders` would write the head as UTF-8; an answer without a body ends in the same turn.
    response.write("", "latin1");
  }

  tunnel(reason: string, fields: Fields): Duplex {
    this.#started = true;
    return takeOver(this.#response, reason, fields);
  }

  destroy(): void {
    this.#response.destroy();
  }

  /** node refuses `Trailer` where the framing has no place for trailers. */
  #withoutUselessTrailer(status: number, fields: Fields): Fields {
    let at = -1;
    let sized = this.method === "HEAD" || status === 204 || status === 304;
    sized ||= this.#request.httpVersionMinor === 0;
    for (let i = 0; i < fields.length; i += 2) {
      const { length } = fields[i]!;
      if (length === 7 && fields[i]!.toLowerCase() === "trailer") at = i;
      else if (length === 14 && fields[i]!.toLowerCase() === "content-length") sized = true;
    }
    return at < 0 || !sized ? fields : fields.filter((_, i) => fields[i & ~1]!.toLowerCase() !== "trailer");
  }
}

const flushHead = (inbound: Http1Inbound): void => inbound.flushHead();

const bodyOf = (request: IncomingMessage): Http1Body | undefined => {
  const { headers } = request;
  if (headers["transfer-encoding"] !== undefined) return new Http1Body(request, undefined);
  const declared = headers["content-length"];
  return declared === undefined || Number(declared) === 0
    ? undefined
    : new Http1Body(request, Number(declared));
};

const pairs = (fields: Fields): [string, string][] => {
  const out: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) out.push([fields[i]!, fields[i + 1]!]);
  return out;
};
