import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  connect,
} from "node:http2";

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The statuses of what came before the answer. */
  readonly informed: number[];
}

/** One connection of an HTTP/2 client. */
export class Http2Client implements Disposable {
  readonly session: ClientHttp2Session;
  /** The code of the GOAWAY that came, if one did. */
  goaway: number | undefined;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on("error", () => {});
    session.on("goaway", (code) => (this.goaway = code));
  }

  static async connect(url: string, options: ClientSessionOptions = {}): Promise<Http2Client> {
    const client = new Http2Client(connect(url, options));
    await once(client.session, "remoteSettings");
    return client;
  }

  /** Begins a request. It ends at once unless `open`. */
  request(headers: OutgoingHttpHeaders = {}, open = false): ClientHttp2Stream {
    const all = { ":authority": "hello.default", ":path": "/", ...headers };
    const stream = this.session.request(all, { endStream: !open, waitForTrailers: false });
    stream.on("error", () => {});
    return stream;
  }

  /** One whole request. */
  ask(headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Http2Answer> {
    const stream = this.request(
      { ":method": body === undefined ? "GET" : "POST", ...headers },
      body !== undefined,
    );
    if (body !== undefined) stream.end(body);
    return answerOf(stream);
  }

  [Symbol.dispose](): void {
    this.session.destroy();
  }
}

/** Rejects with the code of the reset when the stream does not end well. */
export const answerOf = (stream: ClientHttp2Stream): Promise<Http2Answer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const informed: number[] = [];
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on("headers", (info) => informed.push(Number(info[":status"])));
    stream.on("response", (given) => (headers = given));
    stream.on("trailers", (given) => (trailers = given));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("close", () => {
      const { rstCode } = stream;
      if (rstCode !== 0) reject(new Error(`reset with ${rstCode}`));
      else
        resolve({
          status: Number(headers[":status"]),
          headers,
          trailers,
          body: Buffer.concat(chunks),
          informed,
        });
    });
  });
