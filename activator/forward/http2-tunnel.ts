import { createHash } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { ClientHttp2Stream } from "node:http2";
import { RequestError } from "#core/errors.ts";
import type { Exchange } from "../exchange.ts";
import type { Fields } from "../inbound.ts";
import { answerFields } from "./answer-fields.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { requestHead, streamFailure } from "./http2-request.ts";
import type { Http2Session } from "./http2-session.ts";
import { cut, splice } from "./splice.ts";

const CANCEL = 8;

/** A WebSocket on one stream of a connection to a pod (RFC 8441), whatever the client speaks. */
export class Http2Tunnel {
  readonly #exchange: Exchange;
  readonly #session: Http2Session;
  readonly #parts: ForwardParts;
  readonly #done = Promise.withResolvers<void>();
  #stream!: ClientHttp2Stream;

  constructor(exchange: Exchange, session: Http2Session, parts: ForwardParts) {
    this.#exchange = exchange;
    this.#session = session;
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const exchange = this.#exchange;
    if (exchange.cancelled !== undefined) throw exchange.cancelled;
    const { session, authority } = this.#session;
    const head = requestHead(exchange, [":method", "CONNECT", ":protocol", "websocket"], authority);
    this.#stream = session.request(withoutKey(head), { endStream: false });
    this.#stream.on("error", (error) => this.#fail(error));
    this.#stream.on("close", () => this.#fail(new Error("the pod reset the stream")));
    this.#stream.on("response", (headers, _flags, raw: unknown) =>
      this.#onResponse(headers[":status"]!, raw as string[]),
    );
    exchange.onCancel = (error) => {
      this.#done.reject(error);
      this.#stream.close(CANCEL);
    };
    try {
      await this.#done.promise;
    } finally {
      exchange.onCancel = undefined;
    }
  }

  #onResponse(status: number, raw: Fields): void {
    const exchange = this.#exchange;
    const pod = this.#stream;
    const fields = answerFields(raw.slice(raw.findIndex((name, i) => i % 2 === 0 && !name.startsWith(":"))));
    if (status !== 200) {
      const detail = `the pod answered a WebSocket with ${status} ${STATUS_CODES[status] ?? ""}`;
      this.#done.reject(new RequestError("pod_bad_response", { detail }));
      return pod.close(CANCEL);
    }
    const touch = () => (exchange.podActiveAt = this.#parts.clock.now());
    touch();
    exchange.tunnelled = true;
    exchange.status = 101;
    const client = exchange.inbound.tunnel("", [...fields, ...accepted(exchange)]);
    exchange.onCancel = (error) => {
      cut(client);
      cut(pod);
      this.#done.reject(error);
    };
    void splice(client, pod, touch).then(() => this.#done.resolve());
  }

  #fail(error: Error): void {
    const exchange = this.#exchange;
    // Once joined, the end of a side is the splice's.
    if (exchange.tunnelled) return;
    const { session, served } = this.#session;
    const alive = !session.destroyed && !session.closed;
    this.#done.reject(exchange.cancelled ?? streamFailure(this.#stream, error, { served, alive }));
  }
}

/** What an HTTP/1.1 client waits for (RFC 6455, 4.2.2); HTTP/2 has no place for it. */
const accepted = ({ inbound }: Exchange): string[] => {
  const key = inbound.field("sec-websocket-key");
  const fields = ["Connection", "Upgrade", "Upgrade", "websocket"];
  if (key === undefined) return fields;
  const accept = createHash("sha1")
    .update(`${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  return [...fields, "Sec-WebSocket-Accept", accept];
};

const withoutKey = (head: readonly string[]): string[] =>
  head.filter((_, i) => head[i & ~1] !== "sec-websocket-key");
