import { once } from "node:events";
import {
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
  createServer,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { Dest } from "#core/ports.ts";

/** A pod that speaks only HTTP/2 without TLS, and does with each stream what a test says. */
export class Http2Pod implements AsyncDisposable {
  readonly dest: Dest;
  readonly sessions: ServerHttp2Session[] = [];
  readonly streams: ServerHttp2Stream[] = [];
  readonly #server: Http2Server;

  private constructor(server: Http2Server) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.dest = { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
  }

  static async start(
    onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]) => void,
    options: ServerOptions = {},
  ): Promise<Http2Pod> {
    const server = createServer(options);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const pod = new Http2Pod(server);
    server.on("session", (session) => {
      pod.sessions.push(session);
      session.on("error", () => {});
    });
    server.on("stream", (stream, headers, _flags, raw) => {
      pod.streams.push(stream);
      stream.on("error", () => {});
      onStream(stream, headers, raw);
    });
    return pod;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
