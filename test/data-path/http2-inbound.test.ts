import { connect as http2Connect } from "node:http2";
import { expect, test } from "vitest";
import type { Dest } from "#core/ports.ts";
import { DataPath, type DataPathOptions } from "../helpers/data-path.ts";
import { Http2Client, answerOf } from "../helpers/http2-client.ts";
import { statusOf, valueOf, valuesOf, type RawMessage } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const start = (dests: Dest[] = [], more: DataPathOptions = {}) => DataPath.start({ dests, ...more });
const clientOf = (path: DataPath, options = {}) =>
  Http2Client.connect(`http://127.0.0.1:${path.port}`, options);

test("both versions of HTTP on one port, towards a pod that speaks HTTP/1.1", async () => {
  const seen: RawMessage[] = [];
  await using pod = await ScriptedPod.answering(ok, seen);
  await using path = await start([pod.dest]);
  using client = await clientOf(path);
  const answer = await client.ask({ cookie: ["a=1", "b=2"], "x-own": "ä", ":path": "/p?q=1" });
  expect([answer.status, answer.body.toString(), answer.headers["content-length"]]).toEqual([200, "ok", "2"]);
  const old = await path.connect();
  old.send("GET / HTTP/1.1\r\nHost: hello.default\r\n\r\n");
  expect(statusOf(await old.message())).toBe(200);
  const { first, fields } = seen[0]!;
  expect(first).toBe("GET /p?q=1 HTTP/1.1");
  expect(valuesOf(fields, "host")).toEqual(["hello.default"]);
  expect(valuesOf(fields, "cookie")).toEqual(["a=1; b=2"]);
  expect(valueOf(fields, "x-forwarded-for")).toBe("127.0.0.1");
  expect(valueOf(fields, "x-own")).toBe("ä");
  expect(fields.filter((name, i) => i % 2 === 0 && name.startsWith(":"))).toEqual([]);
});

test("the preface may come byte by byte, and what only begins like it is HTTP/1.1", async () => {
  await using pod = await ScriptedPod.answering(ok);
  await using path = await start([pod.dest]);
  const slow = await path.connect();
  for (const byte of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
    slow.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  slow.send(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  // Its SETTINGS, and the acknowledgement of ours.
  await until(() => slow.text.includes("\x00\x00\x00\x04\x01\x00\x00\x00\x00"));
  const other = await path.connect();
  other.send("PRI");
  other.send("NT / HTTP/1.1\r\nHost: hello.default\r\n\r\n");
  expect(statusOf(await other.message())).toBe(400);
});

test("bodies, chunks, trailers and 1xx both ways", async () => {
  const seen: RawMessage[] = [];
  await using pod = await ScriptedPod.start(async (connection) => {
    seen.push(await connection.message());
    connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
    connection.send("5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n");
  });
  await using path = await start([pod.dest]);
  using client = await clientOf(path);
  const stream = client.session.request(
    { ":method": "POST", ":authority": "hello.default", trailer: "x-up" },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-up": "9" }));
  const got = answerOf(stream);
  stream.write("one");
  stream.end("two");
  const answer = await got;
  expect(answer).toMatchObject({ status: 200, informed: [103], trailers: { "x-sum": "7" } });
  expect(answer.body.toString()).toBe("hello");
  expect(seen[0]!.body.toString()).toBe("onetwo");
  expect(seen[0]!.trailers).toEqual(["x-up", "9"]);
});

test("a hundred requests of one connection wait and are answered; each counts by itself", async () => {
  await using pod = await ScriptedPod.answering(ok);
  await using path = await start();
  using client = await clientOf(path);
  const answers = Array.from({ length: 100 }, () => client.ask());
  await until(() => path.throttler.queued(path.revision.id) === 100);
  expect([path.inFlight, path.listener.connections]).toEqual([100, 1]);
  path.setDests(pod.dest);
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  await until(() => path.inFlight === 0);
});

test("a request that is reset while it waits leaves the queue", async () => {
  await using path = await start();
  using client = await clientOf(path);
  const stream = client.request();
  await until(() => path.throttler.queued(path.revision.id) === 1);
  stream.close(8);
  await until(() => path.throttler.queued(path.revision.id) === 0);
  expect(path.ended).toEqual([499]);
});

test.each([
  ["CONNECT without a protocol", { ":method": "CONNECT", ":authority": "a:1" }, 400],
  ["an authority and a Host that disagree", { ":authority": "hello.default", host: "other" }, 400],
  ["a path with a fragment", { ":authority": "hello.default", ":path": "/#a" }, 400],
  ["an unknown protocol", { ":method": "CONNECT", ":protocol": "tcp", ":path": "/", ":scheme": "http" }, 400],
  ["an unknown Service", { ":authority": "nobody.default" }, 404],
])("%s", async (_, headers, status) => {
  await using path = await start();
  using client = await clientOf(path);
  const stream = client.session.request(headers, { endStream: true });
  const answer = await answerOf(stream);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body.toString())).toHaveProperty("error.code");
});

test("a head that is too large resets the stream, and the connection goes on", async () => {
  await using pod = await ScriptedPod.answering(ok);
  await using path = await start([pod.dest], { config: { maxHeadBytes: 4096 } });
  using client = await clientOf(path, { maxSendHeaderBlockLength: 100_000 });
  await expect(client.ask({ "x-big": "x".repeat(8000) })).rejects.toThrow("reset with 11");
  expect((await client.ask()).status).toBe(200);
});

test("a client that resets all it asks is told to calm down, and cut", async () => {
  await using path = await start();
  using client = await clientOf(path);
  await until(() => {
    for (let i = 0; i < 20 && !client.session.destroyed; i++) client.request().close(8);
    return client.session.destroyed;
  });
  expect(client.goaway).toBe(11);
  await until(() => path.inFlight === 0);
  await until(() => path.refused.includes("bad_request"));
});

test.each(["PING", "SETTINGS"])("so is one that floods with %s frames", async (kind) => {
  await using path = await start();
  const client = await path.connect();
  client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  client.send(settings);
  for (let i = 0; i < 20 && !client.closed; i++) {
    client.send(Buffer.concat(Array.from({ length: 100 }, () => (kind === "PING" ? ping : settings))));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await client.seeClosed();
  // GOAWAY, code 11.
  // oxlint-disable-next-line no-control-regex
  expect(client.text).toMatch(/\x00\x00.\x07\x00\x00\x00\x00\x00....\x00\x00\x00\x0b/s);
  await until(() => path.listener.connections === 0);
});

test("draining says GOAWAY, answers what is open, and ends the connection", async () => {
  const gate = Promise.withResolvers<void>();
  await using pod = await ScriptedPod.start(async (connection) => {
    await connection.head();
    await gate.promise;
    connection.send(ok);
  });
  await using path = await start([pod.dest]);
  using client = await clientOf(path);
  using idle = await clientOf(path);
  const answer = client.ask();
  await until(() => pod.connections[0]?.received);
  const stopped = path.stop(new AbortController().signal);
  await until(() => client.goaway === 0 && idle.session.destroyed);
  gate.resolve();
  expect((await answer).status).toBe(200);
  await stopped;
  expect(path.ended).toEqual([200]);
});

test("a connection that asks nothing for the keep-alive time ends", async () => {
  await using path = await start([], { config: { keepAliveMs: 200 } });
  const silent = await path.connect();
  using client = await clientOf(path);
  await until(() => client.session.destroyed);
  await silent.seeClosed();
  expect(client.goaway).toBe(0);
});

test("a client that does not read holds its own answer back, and no other one", async () => {
  let written = 0;
  await using pod = await ScriptedPod.start(async (connection) => {
    const { first } = await connection.head();
    if (first.includes("/small")) return void connection.send(ok);
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
    for (; written < 50_000_000; written += 100_000) {
      if (!connection.send(Buffer.alloc(100_000)))
        await new Promise((resolve) => connection.socket.once("drain", resolve));
    }
  });
  await using path = await start([pod.dest]);
  const session = http2Connect(`http://127.0.0.1:${path.port}`);
  const big = session.request({ ":authority": "hello.default", ":path": "/big" });
  let before = -1;
  await until(async () => {
    const stuck = written > 0 && written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return stuck;
  });
  expect(written).toBeLessThan(25_000_000);
  const small = await answerOf(session.request({ ":authority": "hello.default", ":path": "/small" }));
  expect(small.status).toBe(200);
  expect((await answerOf(big)).body.length).toBe(50_000_000);
  session.destroy();
});

test.each([
  ["a length", "Content-Length: 10\r\n\r\nhalf", "reset with"],
  ["chunks", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "reset with 2"],
])(
  "a pod that breaks off an answer with %s resets the stream, not the connection",
  async (_, half, reset) => {
    await using pod = await ScriptedPod.start(async (connection, nth) => {
      await connection.head();
      if (nth > 1) return void connection.send(ok);
      connection.send(`HTTP/1.1 200 OK\r\n${half}`);
      await until(() => connection.socket.writableLength === 0);
      connection.reset();
    });
    await using path = await start([pod.dest]);
    using client = await clientOf(path);
    await expect(client.ask()).rejects.toThrow(reset);
    expect((await client.ask()).status).toBe(200);
    expect(path.ended).toEqual([502, 200]);
  },
);
