import { once } from "node:events";
import { type Client, Metadata, type ServerDuplexStream, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { grpcClient, grpcPod, statusOf, unary } from "../helpers/grpc-echo.ts";
import { PortPath } from "../helpers/port-path.ts";
import { until } from "../helpers/until.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
const connect = (path: PortPath, options = {}): Client => {
  const client = grpcClient(`${path.host}:${path.port}`, options);
  clients.push(client);
  return client;
};
const same = (bytes: Buffer): Buffer => bytes;
type Chat = ServerDuplexStream<Buffer, Buffer>;
type Callback = (error: object | null, value?: Buffer, trailer?: Metadata) => void;

const trailer = (): Metadata => {
  const metadata = new Metadata();
  metadata.set("x-trailer", "t");
  metadata.set("x-bytes-bin", Buffer.from([0, 255, 10]));
  return metadata;
};

const echo = {
  unary: (call: ServerUnaryCall<Buffer, Buffer>, done: Callback) => done(null, call.request, trailer()),
  collect: (call: Chat, done: Callback) => {
    const parts: Buffer[] = [];
    call.on("data", (part: Buffer) => parts.push(part));
    call.on("end", () => done(null, Buffer.concat(parts)));
  },
  repeat: (call: Chat & { request: Buffer }) => {
    for (let i = 0; i < 3; i++) call.write(call.request);
    call.end(trailer());
  },
  chat: (call: Chat) => {
    call.on("data", (part: Buffer) => call.write(part));
    call.on("end", () => call.end());
  },
};

describe("by a client and a server not written here", () => {
  test("unary, with metadata both ways, from zero", async () => {
    await using pod = await grpcPod(echo);
    await using path = await PortPath.start("h2c");
    const answer = unary(connect(path), Buffer.from("hello"));
    await until(() => path.path.throttler.queued(path.path.revision.id) === 1);
    path.path.setDests(pod.dest);
    const { code, value, trailers } = await answer;
    expect([code, value?.toString()]).toEqual([0, "hello"]);
    expect([trailers.get("x-trailer"), trailers.get("x-bytes-bin")]).toEqual([
      ["t"],
      [Buffer.from([0, 255, 10])],
    ]);
  });

  test("streams from the client, from the server, and both", async () => {
    await using pod = await grpcPod(echo);
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const client = connect(path);
    const collected = Promise.withResolvers<Buffer | undefined>();
    const up = client.makeClientStreamRequest("/test.Echo/Collect", same, same, (_, value) =>
      collected.resolve(value),
    );
    for (const part of ["a", "b", "c"]) up.write(Buffer.from(part));
    up.end();
    expect((await collected.promise)?.toString()).toBe("abc");
    const down = client.makeServerStreamRequest("/test.Echo/Repeat", same, same, Buffer.from("x"));
    const got: string[] = [];
    down.on("data", (part: Buffer) => got.push(part.toString()));
    await once(down, "end");
    expect(got).toEqual(["x", "x", "x"]);
    const chat = client.makeBidiStreamRequest("/test.Echo/Chat", same, same);
    const ended = statusOf(chat);
    for (const part of ["one", "two", "three"]) {
      chat.write(Buffer.from(part));
      expect(String((await once(chat, "data"))[0])).toBe(part);
    }
    expect(path.path.inFlight).toBe(1);
    chat.end();
    expect((await ended).code).toBe(0);
  });

  test("messages of 20 MB, a hundred calls at a time, on one connection to the pod", async () => {
    await using pod = await grpcPod(echo);
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const client = connect(path);
    const big = Buffer.alloc(20_000_000, 3);
    expect((await unary(client, big)).value?.equals(big)).toBe(true);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => unary(client, Buffer.from([i]))));
    expect(answers.map(({ value }) => value?.[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(path.path.engine.connections).toBe(1);
  });

  test("a status of the server arrives as it is", async () => {
    const fail = (_: unknown, done: Callback) => done({ code: status.NOT_FOUND, details: "no such ä %" });
    await using pod = await grpcPod({ ...echo, unary: fail });
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const { code, details } = await unary(connect(path), Buffer.from("x"));
    expect([code, details]).toEqual([5, "no such ä %"]);
    expect(path.path.ended).toEqual([200]);
  });

  test("a client that cancels cancels at the server; the other way round the client is told", async () => {
    const cancelled = Promise.withResolvers<void>();
    const chat = (call: Chat) => {
      call.on("cancelled", () => cancelled.resolve());
      call.write(Buffer.from("begin"));
    };
    await using pod = await grpcPod({ ...echo, chat });
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const call = connect(path).makeBidiStreamRequest("/test.Echo/Chat", same, same);
    call.on("error", () => {});
    await once(call, "data");
    call.cancel();
    await cancelled.promise;
    await until(() => path.path.inFlight === 0);
    const again = connect(path).makeBidiStreamRequest("/test.Echo/Chat", same, same);
    const ended = statusOf(again);
    await once(again, "data");
    await pod[Symbol.asyncDispose]();
    expect((await ended).code).not.toBe(0);
  });

  test("pings keep a silent connection, and are answered", async () => {
    await using pod = await grpcPod(echo);
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const client = connect(path, { "grpc.keepalive_time_ms": 1000, "grpc.keepalive_timeout_ms": 5000 });
    const chat = client.makeBidiStreamRequest("/test.Echo/Chat", same, same);
    chat.on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 2500));
    chat.end(Buffer.from("still here"));
    expect(String((await once(chat, "data"))[0])).toBe("still here");
    expect(path.path.listener.connections).toBe(1);
  });
});

describe("our own failures are statuses of gRPC", () => {
  test("a full queue is RESOURCE_EXHAUSTED, no pod in time UNAVAILABLE with the reason", async () => {
    await using path = await PortPath.start("h2c", { revision: { queueDepth: 1, timeoutMs: 500 } });
    const client = connect(path);
    const first = unary(client, Buffer.from("x"));
    await until(() => path.path.throttler.queued(path.path.revision.id) === 1);
    const second = await unary(client, Buffer.from("x"));
    expect([second.code, second.details]).toEqual([8, expect.stringMatching(/^queue_full: too many/)]);
    const { code, details } = await first;
    expect([code, details]).toEqual([14, expect.stringMatching(/^never_ready: .*no pod accepted/)]);
    expect(path.path.ended).toEqual([503, 504]);
  });

  test("a pod that cannot be reached is UNAVAILABLE", async () => {
    const pod = await grpcPod(echo);
    await pod[Symbol.asyncDispose]();
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const { code, details } = await unary(connect(path), Buffer.from("x"));
    expect([code, details]).toEqual([14, expect.stringMatching(/^pod_refused: .*ECONNREFUSED/)]);
  });

  test("the Service's time limit is DEADLINE_EXCEEDED, also within an answer", async () => {
    const silent = { ...echo, unary: () => {}, chat: (call: Chat) => void call.write(Buffer.from("begin")) };
    await using pod = await grpcPod(silent);
    await using path = await PortPath.start("h2c", { dests: [pod.dest], revision: { timeoutMs: 300 } });
    const { code, details } = await unary(connect(path), Buffer.from("x"));
    expect([code, details]).toEqual([4, expect.stringMatching(/^request_timeout: /)]);
    const call = connect(path).makeBidiStreamRequest("/test.Echo/Chat", same, same);
    const ended = statusOf(call);
    call.resume();
    expect(await ended).toMatchObject({
      code: 4,
      details: expect.stringMatching("request_timeout"),
    });
  });

  test("the client's deadline ends the request at the pod", async () => {
    const cancelled = Promise.withResolvers<void>();
    const silent = (call: ServerUnaryCall<Buffer, Buffer>) => call.on("cancelled", () => cancelled.resolve());
    await using pod = await grpcPod({ ...echo, unary: silent });
    await using path = await PortPath.start("h2c", { dests: [pod.dest] });
    const { code } = await unary(connect(path), Buffer.from("x"), { deadline: Date.now() + 300 });
    expect(code).toBe(4);
    await cancelled.promise;
    await until(() => path.path.inFlight === 0);
  });
});
