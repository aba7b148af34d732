import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../test/helpers/fake-clock.ts";
import { until } from "../test/helpers/until.ts";
import { systemClock } from "./clock.ts";
import type { Dest } from "./ports.ts";
import { probe } from "./probe.ts";
import type { ReadinessProbe } from "./revision.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listen = async <T extends Server>(server: T): Promise<{ server: T; dest: Dest }> => {
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { server, dest: { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] } };
};

const serve = (listener: RequestListener) => listen(createHttpServer(listener));

const tcp: ReadinessProbe = { kind: "tcp", portIndex: 0, timeoutMs: 5000, periodMs: 1000 };
const http = (overrides: Partial<Extract<ReadinessProbe, { kind: "http" }>> = {}): ReadinessProbe => ({
  kind: "http",
  portIndex: 0,
  path: "/healthz",
  headers: [],
  timeoutMs: 5000,
  periodMs: 1000,
  ...overrides,
});

const clock = systemClock;

const connections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

test("a port that listens is ready, and no connection is left", async () => {
  const { server, dest } = await listen(createServer());
  expect(await probe(dest, tcp, { clock })).toEqual({ ready: true });
  await until(async () => (await connections(server)) === 0, "the connection to close");
});

test("a port that nobody listens on refuses", async () => {
  const { server, dest } = await listen(createServer());
  await new Promise((resolve) => server.close(resolve));
  expect(await probe(dest, tcp, { clock })).toMatchObject({ ready: false, why: "refused" });
  expect(await probe(dest, http(), { clock })).toMatchObject({ ready: false, why: "refused" });
});

test("a port the pod does not have is never ready", async () => {
  const { dest } = await listen(createServer());
  expect(await probe(dest, { ...tcp, portIndex: 1 }, { clock })).toMatchObject({ ready: false });
});

test.each([
  [200, true],
  [204, true],
  [302, true],
  [399, true],
  [400, false],
  [404, false],
  [503, false],
])("GET answered with %i: ready %s", async (status, ready) => {
  const { dest } = await serve((_, response) => response.writeHead(status).end());
  expect(await probe(dest, http(), { clock })).toMatchObject(ready ? { ready } : { ready, why: "status" });
});

test("the GET carries the path, the probe's own fields and kubelet's kind of agent", async () => {
  const seen: unknown[] = [];
  const { server, dest } = await serve((request, response) => {
    const { host, "user-agent": agent, "x-token": token } = request.headers;
    seen.push([request.method, request.url, host, agent, token]);
    response.end();
  });
  await probe(dest, http({ path: "/ready?deep=1", headers: [["X-Token", "s3cret"]] }), { clock });
  await probe(dest, http({ headers: [["Host", "app.example"]] }), { clock });
  expect(seen).toEqual([
    ["GET", "/ready?deep=1", dest.key, "kube-probe/pilotlight", "s3cret"],
    ["GET", "/healthz", "app.example", "kube-probe/pilotlight", undefined],
  ]);
  await until(async () => (await connections(server)) === 0, "the connections to close");
});

test("an answer without end does not hold the probe, nor its socket", async () => {
  const { server, dest } = await serve((_, response) => void response.writeHead(200).write("begin"));
  expect(await probe(dest, http(), { clock })).toEqual({ ready: true });
  await until(async () => (await connections(server)) === 0, "the connection to close");
});

test("one that accepts but does not answer is slow", async () => {
  const { server, dest } = await serve(() => undefined);
  const time = new FakeClock();
  const verdict = probe(dest, http({ timeoutMs: 700 }), { clock: time });
  await once(server, "request");
  await time.advance(700);
  expect(await verdict).toEqual({ ready: false, why: "slow", detail: "no answer in 700 ms" });
});

test("no connection in time is told apart from no answer in time", async () => {
  const { dest } = await listen(createServer());
  const time = new FakeClock();
  const verdict = probe(dest, tcp, { clock: time, connectMs: 0 });
  // Time is up before the first look at the network.
  await time.advance(0);
  expect(await verdict).toEqual({ ready: false, why: "timeout", detail: "no connection in 0 ms" });
  expect(time.pending).toBe(0);
});

test("what is not HTTP, and a connection cut at once, are not ready", async () => {
  const nonsense = await listen(createServer((socket) => void socket.end("220 smtp ready\r\n")));
  expect(await probe(nonsense.dest, http(), { clock })).toMatchObject({ ready: false });
  const cut = await listen(createServer((socket) => void socket.destroy()));
  expect(await probe(cut.dest, http(), { clock })).toMatchObject({ ready: false });
});

test("a path that cannot be written is no reason to crash", async () => {
  const { dest } = await serve((_, response) => response.end());
  expect(await probe(dest, http({ path: "/a b" }), { clock })).toMatchObject({ ready: false });
});

test("an aborted probe ends at once and leaves nothing", async () => {
  const { server, dest } = await serve(() => undefined);
  const stop = new AbortController();
  const time = new FakeClock();
  const verdict = probe(dest, http(), { clock: time, signal: stop.signal });
  await once(server, "request");
  stop.abort();
  expect(await verdict).toMatchObject({ ready: false, why: "aborted" });
  expect(time.pending).toBe(0);
  await until(async () => (await connections(server)) === 0, "the connection to close");
  expect(await probe(dest, tcp, { clock, signal: stop.signal })).toMatchObject({ why: "aborted" });
});

test("an external probe is tried as a connection to the first port", async () => {
  const { dest } = await listen(createServer());
  expect(await probe(dest, { kind: "external" }, { clock })).toEqual({ ready: true });
});
