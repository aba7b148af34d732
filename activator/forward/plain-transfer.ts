import { type Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { type Socket, connect } from "node:net";
import type { Duplex } from "node:stream";
import type { Dest } from "#core/ports.ts";
import { RequestError } from "#core/errors.ts";
import type { Exchange } from "../exchange.ts";
import type { Fields } from "../inbound.ts";
import { answerFields } from "./answer-fields.ts";
import { Answer } from "./answer.ts";
import { PodFailure } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { faultOf } from "./pod-fault.ts";
import { requestFields, trailerFields } from "./request-fields.ts";
import { sendBody } from "./send-body.ts";
import { splice } from "./splice.ts";

interface TransferParts extends ForwardParts {
  readonly agent: Agent;
}

/** One request on `node:http`'s client, with everything that HTTP/1.1 can do to it. */
export class PlainTransfer {
  readonly #exchange: Exchange;
  readonly #dest: Dest;
  readonly #parts: TransferParts;
  readonly #answer: Answer;
  readonly #done = Promise.withResolvers<void>();
  #request!: ClientRequest;
  #connected = false;
  #bodySent = false;

  constructor(exchange: Exchange, dest: Dest, parts: TransferParts) {
    this.#exchange = exchange;
    this.#dest = dest;
    this.#parts = parts;
    this.#answer = new Answer(exchange, parts.clock);
  }

  async run(): Promise<void> {
    this.#request = this.#open();
    this.#request.on("error", (error) => this.#fail(error));
    this.#request.on("socket", (socket) => this.#onSocket(socket));
    this.#request.on("information", ({ statusCode, rawHeaders }) =>
      this.#answer.inform(statusCode, rawHeaders),
    );
    this.#request.on("response", (response) => this.#onResponse(response));
    this.#request.on("upgrade", (response, socket, head) => this.#onUpgrade(response, socket, head));
    this.#exchange.onCancel = (error) => {
      this.#request.destroy(error);
      this.#fail(error);
    };
    try {
      await this.#done.promise;
    } finally {
      this.#exchange.onCancel = undefined;
      this.#exchange.inbound.onDrain = undefined;
    }
  }

  destroy(): void {
    this.#exchange.cancel(new RequestError("shutting_down"));
  }

  #open(): ClientRequest {
    const { inbound, portIndex } = this.#exchange;
    const { host } = this.#dest;
    const port = this.#dest.ports[portIndex]!;
    const headers = requestFields(inbound);
    if (inbound.host === undefined) headers.push("Host", this.#dest.key);
    if (inbound.body !== undefined && inbound.body.length === undefined)
      headers.push("Transfer-Encoding", "chunked");
    if (inbound.expectsContinue) headers.push("Expect", "100-continue");
    if (inbound.upgrade !== undefined) headers.push("Connection", "Upgrade", "Upgrade", inbound.upgrade);
    return httpRequest({
      method: inbound.method,
      path: inbound.target,
      host,
      port,
      headers,
      maxHeaderSize: this.#parts.maxHeadBytes,
      // A connection that may become a tunnel is its own, and can be closed in one direction.
      ...(inbound.upgrade === undefined
        ? { agent: this.#parts.agent }
        : {
            createConnection: () =>
              connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true }),
          }),
    });
  }

  #onSocket(socket: Socket): void {
    if (!socket.connecting) return this.#onConnected();
    const late = () => socket.destroy(new Error(`no connection within ${this.#parts.podConnectMs} ms`));
    const limit = this.#parts.wheel.after(this.#parts.podConnectMs, late);
    socket.once("connect", () => this.#onConnected());
    socket.once("close", () => limit[Symbol.dispose]());
    socket.once("connect", () => limit[Symbol.dispose]());
  }

  #onConnected(): void {
    this.#connected = true;
    this.#request.flushHeaders();
    const { body } = this.#exchange.inbound;
    const trail = () => {
      if (body !== undefined && body.length === undefined)
        this.#request.addTrailers(pairs(trailerFields(body.trailers())));
    };
    sendBody(body, this.#request, trail).then(
      () => (this.#bodySent = true),
      (error: Error) => this.#request.destroy(error),
    );
  }

  #onResponse(response: IncomingMessage): void {
    const { inbound } = this.#exchange;
    response.on("error", (error) => this.#fail(error));
    if (response.statusCode === 101) {
      this.#request.destroy();
      return this.#fail(new Error("bad upgrade"));
    }
    try {
      this.#answer.start(response.statusCode!, response.statusMessage ?? "", response.rawHeaders);
    } catch (error) {
      this.#request.destroy();
      return this.#fail(error as Error);
    }
    response.on("data", (chunk: Buffer) => {
      if (this.#answer.data(chunk)) return;
      response.pause();
      inbound.onDrain = () => {
        this.#answer.drained();
        response.resume();
      };
    });
    response.on("end", () => {
      this.#answer.end(response.rawTrailers);
      this.#done.resolve();
      // The pod answered without the whole body: the rest of it must not be taken for another request.
      if (!this.#bodySent) this.#request.destroy();
    });
  }

  #onUpgrade(response: IncomingMessage, pod: Duplex, head: Buffer): void {
    const exchange = this.#exchange;
    if (exchange.inbound.upgrade === undefined) {
      pod.destroy();
      return this.#fail(new Error("bad upgrade"));
    }
    pod.on("error", () => {});
    pod.unshift(head);
    const touch = () => (exchange.podActiveAt = this.#parts.clock.now());
    touch();
    exchange.tunnelled = true;
    exchange.status = 101;
    const fields = answerFields(response.rawHeaders);
    fields.push("Connection", "Upgrade", "Upgrade", response.headers.upgrade ?? exchange.inbound.upgrade);
    const client = exchange.inbound.tunnel(response.statusMessage ?? "", fields);
    exchange.onCancel = (error) => {
      client.destroy();
      pod.destroy();
      this.#fail(error);
    };
    void splice(client, pod, touch).then(() => this.#done.resolve());
  }

  #fail(error: Error): void {
    const progress = { connected: this.#connected, answered: this.#exchange.inbound.started };
    const where = { sent: this.#connected, reused: this.#request.reusedSocket };
    this.#done.reject(this.#exchange.cancelled ?? new PodFailure(faultOf(error, progress), where, error));
  }
}

const pairs = (fields: Fields): [string, string][] => {
  const out: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) out.push([fields[i]!, fields[i + 1]!]);
  return out;
};
