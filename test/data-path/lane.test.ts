import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { DataPath, type DataPathOptions } from "../helpers/data-path.ts";
import { type RawMessage, statusOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const get = (target = "/") => `GET ${target} HTTP/1.1\r\nHost: hello.default\r\n\r\n`;
const ok = (more = "") => `HTTP/1.1 200 OK\r\n${more}Content-Length: 2\r\n\r\nok`;

const start = (pod: ScriptedPod, options: DataPathOptions = {}) =>
  DataPath.start({ ...options, dests: [pod.dest], config: { ...options.config, lane: true } });

describe("what a client sends", () => {
  test("a head in drops goes to the general engine, and so does what follows on its connection", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok(), seen);
    await using path = await start(pod);
    const client = await path.connect();
    client.send(get("/lane"));
    expect(statusOf(await client.message())).toBe(200);
    for (const byte of get("/drops").split("")) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(statusOf(await client.message())).toBe(200);
    client.send(get("/after"));
    expect(statusOf(await client.message())).toBe(200);
    expect(seen.map(({ first }) => first.split(" ")[1])).toEqual(["/lane", "/drops", "/after"]);
    expect(pod.connections.length).toBe(2);
    expect(path.listener.connections).toBe(1);
  });

  test("ahead of an answer waits its turn, body and all", async () => {
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    await using pod = await ScriptedPod.start(async (connection) => {
      for (;;) {
        const { first, body } = await connection.message();
        seen.push(`${first.split(" ")[1]!} ${body.toString()}`);
        if (seen.length === 1) await gate.promise;
        connection.send(ok());
      }
    });
    await using path = await start(pod);
    const client = await path.connect();
    client.send(get("/1"));
    await until(() => seen.length === 1);
    client.send("POST /2 HTTP/1.1\r\nHost: hello.default\r\nContent-Length: 5\r\n\r\nhe");
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send(`llo${get("/3")}`);
    gate.resolve();
    for (let i = 0; i < 3; i++) expect(statusOf(await client.message())).toBe(200);
    expect(seen).toEqual(["/1 ", "/2 hello", "/3 "]);
  });

  test("far ahead of its answers is not read for ever", async () => {
    await using pod = await ScriptedPod.start((connection) => connection.see("\r\n\r\n"));
    await using path = await start(pod);
    const client = await path.connect();
    client.send(get());
    await until(() => pod.connections.length === 1);
    const before = process.memoryUsage().arrayBuffers;
    const block = Buffer.alloc(1 << 20, "x");
    for (let i = 0; i < 64; i++) client.send(block);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.socket.writableLength).toBeGreaterThan(32 << 20);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 << 20);
  });
});

test("an answer that another engine brings goes out as it comes", async () => {
  const more = Promise.withResolvers<void>();
  const server = createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "text/event-stream" });
    stream.write("data: 1\n\n");
    void more.promise.then(() => stream.end("data: 2\n\n"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await using path = await DataPath.start({
    revision: { ports: [{ name: "h2c", port: 80, protocol: "h2c" }] },
    dests: [{ key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] }],
    config: { lane: true },
  });
  const client = await path.connect();
  client.send(get());
  await client.see("data: 1");
  expect(client.text).not.toContain("data: 2");
  more.resolve();
  await client.see("data: 2");
  server.close();
});

describe("connections to a pod", () => {
  test.each([
    ["is not used again near the end of the time that it announced", "Keep-Alive: timeout=1\r\n", 3],
    ["is used again within the time that it announced", "Keep-Alive: timeout=60\r\n", 1],
    ["is not used again when the pod closes it", "Connection: close\r\n", 3],
  ])("a connection %s", async (_, field, connections) => {
    await using pod = await ScriptedPod.answering(ok(field));
    await using path = await start(pod);
    const client = await path.connect();
    for (let i = 0; i < 3; i++) {
      client.send(get());
      expect(statusOf(await client.message())).toBe(200);
    }
    expect(pod.connections.length).toBe(connections);
  });

  test("an idle one is closed after a while", async () => {
    await using pod = await ScriptedPod.answering(ok());
    await using path = await start(pod, { config: { podIdleMs: 100 } });
    const client = await path.connect();
    client.send(get());
    await client.message();
    expect(path.engine.connections).toBe(1);
    await until(() => path.engine.connections === 0);
    await until(() => pod.connections[0]!.ended || pod.connections[0]!.closed);
  });

  test("bytes that no request asked for end it, and reach nobody", async () => {
    await using pod = await ScriptedPod.start(async (connection, nth) => {
      await connection.message();
      connection.send(ok());
      if (nth > 1) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEvil");
    });
    await using path = await start(pod);
    const client = await path.connect();
    client.send(get());
    expect((await client.message()).body.toString()).toBe("ok");
    await until(() => path.engine.connections === 0);
    client.send(get());
    expect((await client.message()).body.toString()).toBe("ok");
    expect(client.text).toBe("");
  });

  test("one that dies idle is not the pod's fault: the next request is answered on another", async () => {
    await using pod = await ScriptedPod.start(async (connection, nth) => {
      await connection.message();
      connection.send(ok());
      if (nth > 1) return;
      await connection.head();
      connection.reset();
    });
    await using path = await start(pod);
    const client = await path.connect();
    for (let i = 0; i < 2; i++) {
      client.send(get());
      expect(statusOf(await client.message())).toBe(200);
    }
    expect(path.retries).toBe(1);
    expect(path.suspected).toEqual([]);
  });

  test("all are closed with the engine", async () => {
    await using pod = await ScriptedPod.answering(ok());
    const path = await start(pod);
    const clients = await Promise.all(Array.from({ length: 5 }, () => path.connect()));
    for (const client of clients) client.send(get());
    for (const client of clients) await client.message();
    await path.stop();
    await until(() => pod.connections.every(({ ended, closed }) => ended || closed));
    expect(path.wheel.count).toBe(0);
  });
});
