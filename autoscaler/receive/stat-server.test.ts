import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { encodeStats } from "#core/stat-codec.ts";
import { silentLogger } from "#core/log.ts";
import type { StatMessage } from "#core/stat.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { until } from "../../test/helpers/until.ts";
import { StatServer } from "./stat-server.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const serve = async () => {
  const clock = new FakeClock();
  const received: [source: string, message: StatMessage][] = [];
  const faults: Record<string, number> = {};
  const lost: string[] = [];
  let links = 0;
  const server = new StatServer({
    clock,
    log: silentLogger,
    host: "127.0.0.1",
    port: 0,
    receive: (source, batch) =>
      void received.push(
        ...batch.map((m) => [source, m] as const).map((x) => [...x] as [string, StatMessage]),
      ),
    rejected: (fault, count) => void (faults[fault] = (faults[fault] ?? 0) + count),
    linked: (change) => void (links += change),
    lost: (address) => void lost.push(address),
  });
  await server.start();
  cleanups.push(() => server.stop(AbortSignal.abort()));
  return { server, clock, received, faults, lost, port: server.port!, links: () => links };
};

const open = async (port: number, path = "/"): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  socket.on("error", () => undefined);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  cleanups.push(() => Promise.resolve(socket.terminate()));
  return socket;
};

const frame = encodeStats([
  {
    id: "default/a",
    stat: {
      podName: "activator-1",
      averageConcurrentRequests: 2,
      averageProxiedConcurrentRequests: 0,
      requestCount: 1,
      proxiedRequestCount: 0,
      processUptime: 0,
      timestamp: 0n,
    },
  },
]);

test("any path upgrades, one frame is one batch, each connection is a source of its own", async () => {
  const { received, port, clock } = await serve();
  (await open(port, "/")).send(frame);
  (await open(port, "/some/where?else")).send(frame);
  await until(() => received.length === 2);
  expect(new Set(received.map(([source]) => source)).size).toBe(2);
  expect(received[0]![1].stat.timestamp).toBe(BigInt(Math.floor(clock.now() / 1000)));
});

test("where a connection came from that ended without a word is told", async () => {
  const { port, lost } = await serve();
  const socket = await open(port);
  expect(lost).toEqual([]);
  socket.terminate();
  await until(() => lost.length === 1);
  expect(lost).toEqual(["127.0.0.1"]);
});

test("kubelet's probe gets 200, anything else that is no upgrade 426", async () => {
  const { port } = await serve();
  const get = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${port}/`, { headers });
  expect((await get({ "User-Agent": "kube-probe/1.33" })).status).toBe(200);
  expect((await get({ "K-Kubelet-Probe": "queue" })).status).toBe(200);
  expect((await get({})).status).toBe(426);
});

test("frames that cannot be read are dropped and counted; the connection stays", async () => {
  const { received, faults, port } = await serve();
  const socket = await open(port);
  socket.send("text");
  socket.send(Buffer.from([0xff, 0xff, 0xff]));
  socket.send(Buffer.from([0x0a, 0x7f, 0x00]));
  socket.send(frame);
  await until(() => received.length === 1);
  expect(faults).toEqual({ text: 1, malformed: 2 });
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test("an oversized frame and a broken protocol cost that connection only", async () => {
  const { received, faults, port, links } = await serve();
  const healthy = await open(port);
  const large = await open(port);
  large.send(Buffer.alloc((16 << 20) + 1));
  await until(() => faults["oversized"] === 1);
  const broken = await open(port);
  (broken as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from([0xf3, 0x00]));
  await until(() => faults["protocol"] === 1);
  await until(() => links() === 1);
  healthy.send(frame);
  await until(() => received.length === 1);
});

test("a client that never answers a ping is cut, one that does is kept", async () => {
  const { clock, port, links } = await serve();
  await open(port);
  const silent = connect(port, "127.0.0.1");
  silent.on("error", () => undefined);
  silent.write(
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await until(() => links() === 2);
  for (let i = 0; i < 4; i++) {
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await until(() => links() === 1);
  silent.destroy();
});

test("garbage instead of HTTP ends that connection only", async () => {
  const { port, received } = await serve();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.end(Buffer.from("\x00\x01 nonsense \r\n\r\n"));
  socket.resume();
  await closed;
  (await open(port)).send(frame);
  await until(() => received.length === 1);
});

test("stop tells clients 1012 Restarting, and waits for them to hang up", async () => {
  const { server, port, clock } = await serve();
  const socket = await open(port);
  const closed = new Promise<[number, string]>((resolve) =>
    socket.once("close", (code, reason) => resolve([code, reason.toString()])),
  );
  await server.stop(AbortSignal.timeout(20_000));
  expect(await closed).toEqual([1012, "Restarting"]);
  expect(clock.pending).toBe(0);
});

test("a few thousand mutated frames over a real socket: none ends the server or the connection", async () => {
  const { received, faults, port } = await serve();
  const socket = await open(port);
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let i = 0; i < 4000; i++) {
    const bytes = Buffer.from(frame);
    for (let n = random(6); n >= 0; n--) bytes[random(bytes.length)] = random(256);
    socket.send(bytes.subarray(0, random(bytes.length + 1)));
  }
  const before = received.length;
  socket.send(frame);
  await until(() => received.length > before && received.at(-1)![1].id === "default/a");
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(faults["malformed"]).toBeGreaterThan(100);
});
