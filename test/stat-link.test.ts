import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import type { StatMessage } from "#core/stat.ts";
import { WebSocketStatSink } from "../activator/stats/stat-sink.ts";
import { StatServer } from "../autoscaler/receive/stat-server.ts";
import { FakeClock } from "./helpers/fake-clock.ts";
import { until } from "./helpers/until.ts";

/** What an activator and an autoscaler of ours say to each other over real sockets. */

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const message = (name: string, concurrency: number): StatMessage => ({
  id: `default/${name}`,
  stat: {
    podName: "activator-1",
    averageConcurrentRequests: concurrency,
    averageProxiedConcurrentRequests: 0,
    requestCount: 3,
    proxiedRequestCount: 0,
    processUptime: 0,
    timestamp: 0n,
  },
});

const serve = async (port = 0) => {
  const received: StatMessage[] = [];
  const batches: number[] = [];
  let links = 0;
  const server = new StatServer({
    clock: systemClock,
    log: silentLogger,
    host: "127.0.0.1",
    port,
    receive: (_source, batch) => {
      received.push(...batch);
      batches.push(batch.length);
    },
    rejected: () => undefined,
    linked: (change) => void (links += change),
  });
  await server.start();
  const stop = () => server.stop(AbortSignal.timeout(20_000));
  cleanups.push(stop);
  return { server, received, batches, stop, url: `ws://127.0.0.1:${server.port!}`, links: () => links };
};

const sinkTo = async (urls: readonly string[], clock: FakeClock = new FakeClock()) => {
  const registry = createRegistry({ processMetrics: false });
  const sink = new WebSocketStatSink({ clock, log: silentLogger, registry, urls, random: () => 0 });
  await sink.start();
  cleanups.push(() => sink.stop());
  const counted = async (outcome: string): Promise<number> => {
    const { values } = await registry.getSingleMetric("pilotlight_activator_stat_messages_total")!.get();
    return values.find(({ labels }) => labels["outcome"] === outcome)?.value ?? 0;
  };
  return { sink, clock, counted };
};

/** A TCP server of a test's own; `sockets` are those that connected. */
const tcp = async (answer: (socket: Socket) => void) => {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { sockets, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Shakes hands and then never says a word: a machine that went away behind an open connection. */
const halfOpen = (socket: Socket): void => {
  socket.once("data", (head) => {
    const key = /sec-websocket-key: (\S+)/i.exec(head.toString())![1]!;
    const accept = createHash("sha1")
      .update(key + ACCEPT_SALT)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
};

test("what is sent arrives, stamped with the receiver's second", async () => {
  const { received, url } = await serve();
  const { sink, counted } = await sinkTo([url]);
  await until(() => sink.connected === 1);
  sink.send([message("a", 1.5), message("b", 0)]);
  sink.send([]);
  await until(() => received.length === 2);
  expect(received.map(({ id, stat }) => [id, stat.averageConcurrentRequests])).toEqual([
    ["default/a", 1.5],
    ["default/b", 0],
  ]);
  const now = BigInt(Math.floor(systemClock.now() / 1000));
  for (const { stat } of received) expect(Number(now - stat.timestamp)).toBeLessThan(60);
  expect(await counted("sent")).toBe(2);
  expect(await counted("dropped")).toBe(0);
});

test("a large batch goes in frames of 100 and arrives whole, in order", async () => {
  const { received, url, batches } = await serve();
  const { sink, counted } = await sinkTo([url]);
  await until(() => sink.connected === 1);
  const batch = Array.from({ length: 201 }, (_, i) => message(`s${i}`, i));
  sink.send(batch);
  await until(() => received.length === batch.length);
  expect(received.map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
  expect(batches).toEqual([100, 100, 1]);
  expect(await counted("sent")).toBe(201);
});

test("a server that restarts is found again; what was sent meanwhile is dropped and counted", async () => {
  const first = await serve();
  const { sink, clock, counted } = await sinkTo([first.url]);
  await until(() => sink.connected === 1);
  await first.stop();
  await until(() => sink.connected === 0);
  sink.send([message("lost", 1)]);
  expect(await counted("dropped")).toBe(1);
  const second = await serve(Number(new URL(first.url).port));
  await until(async () => {
    await clock.advance(20);
    return sink.connected === 1;
  });
  sink.send([message("kept", 1)]);
  await until(() => second.received.length === 1);
  expect(second.received[0]!.id).toBe("default/kept");
});

test("a link whose other end fell silent is cut after 10 s without a pong, and made again", async () => {
  const { sockets, url } = await tcp(halfOpen);
  const { sink, clock } = await sinkTo([url]);
  await until(() => sink.connected === 1);
  await clock.advance(9999);
  expect(sink.connected).toBe(1);
  await clock.advance(1);
  await until(() => sink.connected === 0);
  await until(async () => {
    await clock.advance(20);
    return sockets.length === 2 && sink.connected === 1;
  });
});

test("a live link lasts: each pong renews the 10 s", async () => {
  const { url, links } = await serve();
  const { sink, clock } = await sinkTo([url]);
  await until(() => sink.connected === 1 && links() === 1);
  for (let i = 0; i < 30; i++) {
    await clock.advance(10_000 / 3);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(sink.connected).toBe(1);
  expect(links()).toBe(1);
});

test("a server that never answers the handshake is given up after 3 s, for ever again", async () => {
  const { sockets, url } = await tcp(() => undefined);
  const { sink, clock } = await sinkTo([url]);
  await until(() => sockets.length === 1);
  await clock.advance(2999);
  expect(sockets).toHaveLength(1);
  await until(async () => {
    await clock.advance(100);
    return sockets.length >= 4;
  });
  expect(sink.connected).toBe(0);
});

test("when the leader moves the sink follows, and the old one is let go", async () => {
  const [old, next] = [await serve(), await serve()];
  const { sink } = await sinkTo([old.url]);
  await until(() => sink.connected === 1);
  sink.retarget([next.url]);
  await until(() => next.links() === 1 && old.links() === 0);
  sink.send([message("a", 1)]);
  await until(() => next.received.length === 1);
  expect(old.received).toEqual([]);
});

test("with several targets each hears everything, and one of them is enough", async () => {
  const [one, two] = [await serve(), await serve()];
  const { sink, counted } = await sinkTo([one.url, two.url]);
  await until(() => sink.connected === 2);
  sink.send([message("a", 1)]);
  await until(() => one.received.length === 1 && two.received.length === 1);
  await two.stop();
  await until(() => sink.connected === 1);
  sink.send([message("b", 1)]);
  await until(() => one.received.length === 2);
  expect(await counted("sent")).toBe(2);
});

test("a stopped sink leaves no timer and no connection", async () => {
  const { url, links } = await serve();
  const { sink, clock } = await sinkTo([url, "ws://127.0.0.1:1"]);
  await until(() => sink.connected === 1);
  await sink.stop();
  await until(() => links() === 0);
  await until(() => clock.pending === 0);
});
