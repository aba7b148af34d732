import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { expect, test } from "vitest";
import { PodServer } from "../helpers/pod-server.ts";
import { PortPath } from "../helpers/port-path.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

/** How a connection ended: the error's code, or undefined for a good end. */
const endOf = (socket: Socket): Promise<string | undefined> =>
  new Promise((resolve) => {
    let code: string | undefined;
    socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on("close", () => resolve(code));
  });

/** Reads without keeping, as `RawSocket` would. */
const readBy = (socket: Socket, read: (chunk: Buffer) => void): void => {
  socket.removeAllListeners("data").on("data", read);
};

test("held until there is a pod; what the client sent already comes first; counted until it closes", async () => {
  await using pod = await ScriptedPod.start(async (connection) => {
    await connection.see("hello");
    connection.send("welcome");
  });
  await using tcp = await PortPath.start("tcp");
  const { path } = tcp;
  const client = await tcp.connect();
  client.send("hel");
  await until(() => path.throttler.queued(path.revision.id) === 1);
  expect([path.woken, path.inFlight]).toEqual([1, 1]);
  client.send("lo");
  path.setDests(pod.dest);
  await client.see("welcome");
  expect(path.throttler.snapshot(path.revision.id).inFlight).toBe(1);
  expect(path.listener.connections).toBe(1);
  client.end();
  await until(() => pod.connections[0]!.ended);
  pod.connections[0]!.end();
  await client.seeClosed();
  await until(() => path.inFlight === 0);
  expect(path.ended).toEqual([200]);
  expect(path.throttler.snapshot(path.revision.id).inFlight).toBe(0);
  expect(path.engine.connections).toBe(0);
});

test("a server that speaks first is heard, without a byte from the client", async () => {
  await using pod = await ScriptedPod.start((connection) => void connection.send("220 ready\r\n"));
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const client = await tcp.connect();
  await client.see("220 ready");
});

test.each(["client", "pod"])("the end of the %s's direction leaves the other one open", async (who) => {
  await using pod = await ScriptedPod.start(() => {});
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const client = await tcp.connect();
  await until(() => pod.connections.length === 1);
  const server = pod.connections[0]!;
  const [first, second] = who === "client" ? [client, server] : [server, client];
  first.send("all I have");
  first.end();
  await second.see("all I have");
  await until(() => second.ended);
  second.send("an answer, later");
  await first.see("an answer, later");
  expect(tcp.path.inFlight).toBe(1);
  second.end();
  await until(() => tcp.path.inFlight === 0);
});

test("a client that has sent everything before there is a pod still gets its answer", async () => {
  await using pod = await ScriptedPod.start(async (connection) => {
    await until(() => connection.ended);
    connection.send(connection.text.toUpperCase());
    connection.end();
  });
  await using tcp = await PortPath.start("tcp");
  const client = await tcp.connect();
  client.send("question");
  client.end();
  await until(() => tcp.path.throttler.queued(tcp.path.revision.id) === 1);
  tcp.path.setDests(pod.dest);
  await client.see("QUESTION");
  await client.seeClosed();
});

test("20 MB both ways at once arrive unchanged", async () => {
  const up = randomBytes(20_000_000);
  const down = randomBytes(20_000_000);
  const digest = (data: Buffer) => createHash("sha256").update(data).digest("hex");
  const hashOf = (socket: Socket) => {
    const hash = createHash("sha256");
    readBy(socket, (chunk) => hash.update(chunk));
    return async () => {
      if (!socket.readableEnded) await once(socket, "end");
      return hash.digest("hex");
    };
  };
  const atPod = Promise.withResolvers<string>();
  await using pod = await ScriptedPod.start(({ socket }) => {
    void hashOf(socket)().then(atPod.resolve);
    socket.end(down);
  });
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const { socket } = await tcp.connect();
  const atClient = hashOf(socket)();
  socket.end(up);
  expect([await atPod.promise, await atClient]).toEqual([digest(up), digest(down)]);
});

test("a side that does not read holds the other one back", async () => {
  await using pod = await ScriptedPod.start(({ socket }) => void socket.pause());
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const { socket } = await tcp.connect();
  const size = 64_000_000;
  socket.write(Buffer.alloc(size));
  await until(() => pod.connections.length === 1);
  let before = -1;
  // Until nothing moves: every buffer on the way is full.
  await until(async () => {
    const stuck = before === socket.bytesWritten - socket.writableLength;
    before = socket.bytesWritten - socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return stuck;
  });
  expect(socket.writableNeedDrain).toBe(true);
  let received = 0;
  const server = pod.connections[0]!.socket;
  readBy(server, (chunk) => (received += chunk.length));
  server.resume();
  await until(() => received === size);
});

test("a pod that resets resets the client, and the other way round", async () => {
  await using pod = await ScriptedPod.start(() => {});
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const one = await tcp.connect();
  one.send("x");
  await until(() => pod.connections[0]?.received);
  const ended = endOf(one.socket);
  pod.connections[0]!.reset();
  expect(await ended).toBe("ECONNRESET");
  const two = await tcp.connect();
  two.send("x");
  await until(() => pod.connections[1]?.received);
  const podEnded = endOf(pod.connections[1]!.socket);
  two.reset();
  expect(await podEnded).toBe("ECONNRESET");
  await until(() => tcp.path.inFlight === 0);
});

test("another pod is tried when one refuses; when all do the client is reset and it counts as 502", async () => {
  await using dead = await PodServer.start("closed");
  await using pod = await ScriptedPod.start((connection) => void connection.send("here"));
  await using tcp = await PortPath.start("tcp", {
    dests: [dead.dest],
    revision: { containerConcurrency: 1 },
  });
  const lost = await tcp.connect();
  expect(await endOf(lost.socket)).toBe("ECONNRESET");
  expect(tcp.path.ended).toEqual([502]);
  tcp.path.setDests(dead.dest, pod.dest);
  const found = await Promise.all([tcp.connect(), tcp.connect()]);
  await until(() => found.some(({ text }) => text === "here"));
  expect(tcp.path.suspected).toContain(dead.dest.key);
});

test.each([
  ["the queue is full", { queueDepth: 1 }, 503],
  ["no pod comes in time", { timeoutMs: 100 }, 504],
])("reset when %s", async (_, revision, status) => {
  await using tcp = await PortPath.start("tcp", { revision });
  const clients = [0, 1].map(() => connect(tcp.port, tcp.host));
  expect(await Promise.race(clients.map(endOf))).toBe("ECONNRESET");
  expect(tcp.path.ended[0]).toBe(status);
});

test("a client that breaks off while it waits frees its place", async () => {
  await using tcp = await PortPath.start("tcp");
  const client = await tcp.connect();
  await until(() => tcp.path.throttler.queued(tcp.path.revision.id) === 1);
  client.reset();
  await until(() => tcp.path.throttler.queued(tcp.path.revision.id) === 0);
  expect(tcp.path.ended).toEqual([499]);
});

test("the idle limit ends it, the total limit does not once it is with a pod", async () => {
  await using pod = await ScriptedPod.start(() => {});
  await using tcp = await PortPath.start("tcp", {
    dests: [pod.dest],
    revision: { timeoutMs: 200, idleTimeoutMs: 1500 },
  });
  const client = await tcp.connect();
  for (let i = 0; i < 10; i++) {
    client.send("x");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(client.closed).toBe(false);
  await until(() => client.closed);
  expect(tcp.path.ended).toEqual([504]);
});

test("draining waits for open connections, and cuts them when it may wait no longer", async () => {
  await using pod = await ScriptedPod.start((connection) => void connection.send("here"));
  await using tcp = await PortPath.start("tcp", { dests: [pod.dest] });
  const [polite, stubborn] = [await tcp.connect(), await tcp.connect()];
  await Promise.all([polite.see("here"), stubborn.see("here")]);
  const deadline = new AbortController();
  const stopped = tcp.path.stop(deadline.signal);
  await until(() =>
    tcp.connect().then(
      (probe) => probe.reset(),
      () => true,
    ),
  );
  polite.send("still served");
  await until(() => pod.connections.some(({ text }) => text === "still served"));
  polite.reset();
  await until(() => tcp.path.listener.connections === 1);
  expect(stubborn.closed).toBe(false);
  deadline.abort();
  await stopped;
  await until(() => stubborn.closed);
  expect(tcp.path.inFlight).toBe(0);
});
