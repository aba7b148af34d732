import { once } from "node:events";
import { createServer } from "node:http";
import { type Http2Stream, createServer as createHttp2 } from "node:http2";
import { type AddressInfo, type Server, createServer as createTcp } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Dest } from "#core/ports.ts";
import { Http2Client } from "./http2-client.ts";

/** What `ws` does to a stream that is a WebSocket already; it has no other way in for HTTP/2. */
interface Adoptable {
  _isServer: boolean;
  setSocket(stream: unknown, head: Buffer, options: object): void;
}

const adopt = (stream: Http2Stream, isServer: boolean): WebSocket => {
  const socket = new WebSocket(null as unknown as string, undefined, {
    autoPong: true,
    closeTimeout: 30_000,
  } as object);
  const adoptable = socket as unknown as Adoptable;
  adoptable._isServer = isServer;
  adoptable.setSocket(stream, Buffer.alloc(0), {
    maxPayload: 0,
    skipUTF8Validation: false,
    allowSynchronousEvents: true,
  });
  return socket;
};

export interface WebSocketPod extends AsyncDisposable {
  readonly dest: Dest;
}

const podOf = async (server: Server): Promise<WebSocketPod> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    dest: { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] },
    [Symbol.asyncDispose]: () => Promise.resolve(void server.close()),
  };
};

/** A pod whose WebSockets are `ws`'s, by the Upgrade of HTTP/1.1 or by HTTP/2's extended CONNECT. */
export const webSocketPod = (
  version: "http1" | "h2c",
  onSocket: (socket: WebSocket) => void,
): Promise<WebSocketPod> => {
  if (version === "http1") {
    const server = createServer();
    new WebSocketServer({ server, perMessageDeflate: true }).on("connection", onSocket);
    return podOf(server);
  }
  const server = createHttp2({ settings: { enableConnectProtocol: true } });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":method"] !== "CONNECT" || headers[":protocol"] !== "websocket")
      return stream.respond({ ":status": 400 }, { endStream: true });
    stream.respond({ ":status": 200 });
    onSocket(adopt(stream, true));
  });
  return podOf(server);
};

/** A pod that speaks both versions of HTTP, but knows WebSocket by HTTP/1.1 only. */
export const oldWebSocketPod = (onSocket: (socket: WebSocket) => void): Promise<WebSocketPod> => {
  const http1 = createServer();
  new WebSocketServer({ server: http1 }).on("connection", onSocket);
  const http2 = createHttp2();
  return podOf(
    createTcp((socket) => {
      socket.once("data", (first: Buffer) => {
        socket.pause();
        socket.unshift(first);
        (first.subarray(0, 3).toString() === "PRI" ? http2 : http1).emit("connection", socket);
        process.nextTick(() => socket.resume());
      });
    }),
  );
};

/** A client's WebSocket to a URL, open. */
export const webSocketTo = async (version: "http1" | "h2c", url: string): Promise<WebSocket> => {
  if (version === "http1") {
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, { headers: { host: "hello.default" } });
    await once(socket, "open");
    return socket;
  }
  const client = await Http2Client.connect(url);
  const stream = client.request(
    {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "http",
      ":path": "/chat",
      "sec-websocket-version": "13",
    },
    true,
  );
  stream.on("close", () => client.session.close());
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  if (headers[":status"] !== 200) throw new Error(`answered ${String(headers[":status"])}`);
  return adopt(stream, false);
};
