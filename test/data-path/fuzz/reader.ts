import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Dest } from "#core/ports.ts";

/** One request as a server read it. */
export interface Reading {
  readonly method: string;
  readonly target: string;
  /** Declared length, or that it is chunked: what the body's end depends on. */
  readonly framing: string;
  body: string;
  complete: boolean;
}

export const framingOf = (length: number | undefined, chunked: boolean): string =>
  chunked ? "chunked" : String(length ?? 0);

/** node's own parser, llhttp, in its strict mode: answers everything, and notes what it has read. */
export class LlhttpReader implements AsyncDisposable {
  readonly #server: Server;
  /** Everything that was read, in order. */
  readings: Reading[] = [];
  /** What it did not accept as HTTP. */
  faults: string[] = [];
  /** Bytes by connection. */
  bytes: string[] = [];

  private constructor() {
    this.#server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: false,
      maxHeaderSize: 65_536,
    });
    const note = (request: IncomingMessage, response: ServerResponse) => this.#note(request, response);
    this.#server.on("request", note).on("checkContinue", note).on("checkExpectation", note);
    this.#server.on("connection", (socket: Socket) => {
      const index = this.bytes.push("") - 1;
      // node hands sockets to its parser itself unless somebody listens.
      socket.on("data", (chunk: Buffer) => (this.bytes[index] += chunk.toString("latin1")));
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      if (error.code?.startsWith("HPE_") && error.code !== "HPE_INVALID_EOF_STATE")
        this.faults.push(error.code);
      socket.destroy();
    });
  }

  static async start(): Promise<LlhttpReader> {
    const reader = new LlhttpReader();
    await once(reader.#server.listen(0, "127.0.0.1"), "listening");
    return reader;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get dest(): Dest {
    return { key: `127.0.0.1:${this.port}`, host: "127.0.0.1", ports: [this.port] };
  }

  forget(): void {
    [this.readings, this.faults, this.bytes] = [[], [], []];
    this.#server.closeAllConnections();
  }

  #note(request: IncomingMessage, response: ServerResponse): void {
    const { "content-length": length, "transfer-encoding": coding } = request.headers;
    const reading: Reading = {
      method: request.method!,
      target: request.url!,
      framing: framingOf(length === undefined ? undefined : Number(length), coding !== undefined),
      body: "",
      complete: false,
    };
    this.readings.push(reading);
    request.setEncoding("latin1").on("data", (text: string) => (reading.body += text));
    request.on("error", () => {});
    request.on("end", () => {
      reading.complete = true;
      response.end("ok");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
