import { STATUS_CODES } from "node:http";
import type { ClientHttp2Stream } from "node:http2";
import type { Exchange } from "../exchange.ts";
import { fieldsObject } from "../http2-fields.ts";
import type { Fields } from "../inbound.ts";
import { Answer } from "./answer.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { requestHead, streamFailure } from "./http2-request.ts";
import type { Http2Session } from "./http2-session.ts";
import { trailerFields } from "./request-fields.ts";
import { sendBody } from "./send-body.ts";

const NO_ERROR = 0;
const CANCEL = 8;
const END_STREAM = 1;

/** One request on a stream of a connection to a pod, and its answer. */
export class Http2Transfer {
  readonly #exchange: Exchange;
  readonly #session: Http2Session;
  readonly #answer: Answer;
  readonly #done = Promise.withResolvers<void>();
  #stream!: ClientHttp2Stream;
  #trailers: Fields = [];
  #bodySent = false;
  #ended = false;

  constructor(exchange: Exchange, session: Http2Session, parts: ForwardParts) {
    this.#exchange = exchange;
    this.#session = session;
    this.#answer = new Answer(exchange, parts.clock);
  }

  async run(): Promise<void> {
    const stream = this.#open();
    this.#stream = stream;
    stream.on("error", (error) => this.#fail(error));
    stream.on("headers", (headers, _flags, raw: unknown) =>
      this.#answer.inform(headers[":status"] ?? 100, withoutPseudo(raw as string[])),
    );
    stream.on("response", (headers, flags, raw: unknown) =>
      this.#onResponse(headers[":status"]!, flags, withoutPseudo(raw as string[])),
    );
    stream.on("trailers", (_headers, _flags, raw: unknown) => (this.#trailers = raw as string[]));
    stream.on("close", () => this.#fail(new Error(`the pod reset the stream (${stream.rstCode})`)));
    this.#exchange.onCancel = (error) => {
      this.#done.reject(error);
      this.#abandon();
    };
    this.#sendBody();
    try {
      await this.#done.promise;
    } finally {
      this.#exchange.onCancel = undefined;
      this.#exchange.inbound.onDrain = undefined;
    }
  }

  #open(): ClientHttp2Stream {
    const { inbound } = this.#exchange;
    const { session, authority } = this.#session;
    return session.request(requestHead(this.#exchange, [":method", inbound.method], authority), {
      endStream: inbound.body === undefined,
      waitForTrailers: inbound.body !== undefined && inbound.body.length === undefined,
    });
  }

  #sendBody(): void {
    const stream = this.#stream;
    const { body } = this.#exchange.inbound;
    if (body === undefined) {
      this.#bodySent = true;
      return;
    }
    stream.on("wantTrailers", () => {
      if (stream.closed) return;
      try {
        stream.sendTrailers(fieldsObject(trailerFields(body.trailers())));
      } catch {
        stream.close(CANCEL);
      }
    });
    sendBody(body, stream).then(
      () => (this.#bodySent = true),
      () => this.#abandon(),
    );
  }

  #onResponse(status: number, flags: number, fields: Fields): void {
    const stream = this.#stream;
    try {
      this.#answer.start(status, STATUS_CODES[status] ?? "", fields);
    } catch (error) {
      this.#fail(error as Error);
      return this.#abandon();
    }
    // The head was all: that goes on as it is.
    if ((flags & END_STREAM) !== 0) this.#end();
    stream.on("data", (chunk: Buffer) => {
      if (this.#answer.data(chunk)) return;
      stream.pause();
      this.#exchange.inbound.onDrain = () => {
        this.#answer.drained();
        stream.resume();
      };
    });
    stream.on("end", () => {
      if (stream.rstCode === NO_ERROR || stream.rstCode === undefined) this.#end();
    });
  }

  /** Nobody wants the rest: a stream that is read no further would stay for ever once the pod has ended it. */
  #abandon(): void {
    const stream = this.#stream;
    this.#ended = true;
    for (const event of ["headers", "response", "data"]) stream.removeAllListeners(event);
    stream.close(CANCEL);
    stream.resume();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#answer.end(this.#trailers);
    this.#done.resolve();
    // The pod answered without the whole body: nobody wants the rest.
    if (!this.#bodySent) this.#stream.close(CANCEL);
  }

  #fail(error: Error): void {
    const { session, served } = this.#session;
    const alive = !session.destroyed && !session.closed;
    this.#done.reject(this.#exchange.cancelled ?? streamFailure(this.#stream, error, { served, alive }));
  }
}

const withoutPseudo = (raw: Fields): Fields => {
  let i = 0;
  while (i < raw.length && raw[i]!.startsWith(":")) i += 2;
  return raw.slice(i);
};
