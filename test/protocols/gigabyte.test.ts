import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { resolve } from "node:path";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Dest } from "#core/ports.ts";
import type { Protocol } from "#core/revision.ts";

const MIB = 1024 * 1024;
const SIZE = 1024 * MIB;
const piece = Buffer.alloc(MIB / 4, "a gigabyte");

/** 1 GiB, made as it is wanted. */
const gigabyte = function* (): Generator<Buffer> {
  for (let sent = 0; sent < SIZE; sent += piece.length) yield piece;
};

const count = async (source: Readable): Promise<number> => {
  let bytes = 0;
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(source, sink);
  return bytes;
};

interface Pod {
  readonly listen: () => net.Server;
  /** Sends 1 GiB, and resolves with the bytes that came back. */
  readonly send: (at: net.NetConnectOpts & { host: string; port: number }) => Promise<number>;
}

const echo1 = (): net.Server =>
  http.createServer((request, response) => void pipeline(request, response).catch(() => {}));
const echo2 = (): net.Server => {
  const server = http2.createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    void pipeline(stream, stream).catch(() => {});
  });
  return server;
};

const by1 =
  (length: boolean): Pod["send"] =>
  async ({ host, port }) => {
    const headers = length ? { "content-length": SIZE } : {};
    const request = http.request({ host, port, method: "POST", headers });
    const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
    const sent = pipeline(gigabyte, request);
    const received = await count((await answered)[0]);
    await sent;
    return received;
  };
const by2: Pod["send"] = async ({ host, port }) => {
  const session = http2.connect(`http://${host}:${port}`);
  const stream = session.request({ ":method": "POST", ":authority": "hello.default" });
  const sent = pipeline(gigabyte, stream, { end: true });
  const received = await count(stream);
  await sent.catch(() => {});
  session.close();
  return received;
};
const byTcp: Pod["send"] = async (at) => {
  const socket = net.connect({ ...at, allowHalfOpen: true });
  const sent = pipeline(gigabyte, socket).catch(() => {});
  const received = await count(socket);
  await sent;
  return received;
};

let child: ChildProcess;
beforeAll(() => {
  child = fork(resolve(import.meta.dirname, "gigabyte-child.ts"));
});
afterAll(() => child.disconnect());

const ask = async <T>(message: object | string): Promise<T> => {
  child.send(message);
  return ((await once(child, "message")) as [T])[0];
};

const ways: [string, Protocol, Pod][] = [
  ["HTTP/1.1 with a length", "http1", { listen: echo1, send: by1(true) }],
  ["HTTP/1.1 in chunks", "http1", { listen: echo1, send: by1(false) }],
  ["HTTP/2", "h2c", { listen: echo2, send: by2 }],
  ["HTTP/2 to an HTTP/1.1 pod", "http1", { listen: echo1, send: by2 }],
  ["TCP", "tcp", { listen: () => net.createServer({ allowHalfOpen: true }, (s) => s.pipe(s)), send: byTcp }],
];

test.each(ways)(
  "1 GiB up and down at once takes no memory: %s",
  async (_, protocol, { listen, send }) => {
    const server = listen();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as net.AddressInfo;
    const dest: Dest = { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
    const at = await ask<{ host: string; port: number }>({ protocol, dest });
    expect(await send(at)).toBe(SIZE);
    // The whole process, node itself and everything it has not yet given back; 1 GiB went through twice.
    expect(await ask<number>("peak")).toBeLessThan(400 * MIB);
    server.close();
  },
  240_000,
);
