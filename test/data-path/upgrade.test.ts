import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { DataPath } from "../helpers/data-path.ts";
import { statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const upgrade = (more = "", protocol = "echo") =>
  `GET /up HTTP/1.1\r\nHost: hello.default\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${more}\r\n`;
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\nX-Pod: 1\r\n\r\n";

describe("WebSocket, by a client and a server not written here", () => {
  test("messages of all sizes go both ways unchanged; it counts as one request until it closes", async () => {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    server.on("connection", (socket) =>
      socket.on("message", (data, binary) => socket.send(data, { binary })),
    );
    await once(http.listen(0, "127.0.0.1"), "listening");
    const { port } = http.address() as AddressInfo;
    await using path = await DataPath.start({
      dests: [{ key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] }],
    });
    const client = new WebSocket(`ws://127.0.0.1:${path.port}/chat`, { headers: { host: "hello.default" } });
    await once(client, "open");
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
      const message = Buffer.alloc(size, size % 251);
      client.send(message);
      const [echo] = (await once(client, "message")) as [Buffer];
      expect(echo.equals(message)).toBe(true);
    }
    expect(path.inFlight).toBe(1);
    expect(path.throttler.snapshot(path.revision.id).inFlight).toBe(1);
    client.close(4000, "bye");
    const [code] = (await once(client, "close")) as [number];
    expect(code).toBe(4000);
    await until(() => path.inFlight === 0);
    expect(path.ended).toEqual([101]);
    expect(path.throttler.snapshot(path.revision.id).inFlight).toBe(0);
    server.close();
    http.close();
  });
});

describe("any upgrade", () => {
  test("what either side sends ahead is kept, and the end of one direction leaves the other open", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      const { fields } = await connection.head();
      expect(valueOf(fields, "upgrade")).toBe("echo");
      expect(valueOf(fields, "connection")).toBe("Upgrade");
      connection.send(`${switching}first`);
      await connection.see("early");
      await until(() => connection.ended);
      connection.send("last");
      connection.end();
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${upgrade()}early`);
    const answer = await client.head();
    expect(statusOf(answer)).toBe(101);
    expect(valueOf(answer.fields, "upgrade")).toBe("echo");
    expect(valueOf(answer.fields, "x-pod")).toBe("1");
    await client.see("first");
    client.end();
    await client.see("firstlast");
    await client.seeClosed();
    expect(pod.failures).toEqual([]);
    await until(() => path.ended.length === 1);
    expect(path.ended).toEqual([101]);
  });

  test("a pod that does not agree answers as usual, and the connection ends", async () => {
    await using pod = await ScriptedPod.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(upgrade());
    const answer = await client.message();
    expect([statusOf(answer), answer.body.toString()]).toEqual([403, "no"]);
    await client.seeClosed();
  });

  test.each([
    ["h2c is ignored", upgrade("HTTP2-Settings: AAMAAABkAARAAAAA\r\n", "h2c")],
    ["with a body it is ignored", `${upgrade("Content-Length: 5\r\n")}hello`],
  ])("%s and the request answered as usual", async (_, request) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      const { fields } = await connection.message();
      const seen = [valueOf(fields, "upgrade"), valueOf(fields, "http2-settings")];
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${seen.join("") === "" ? "ok" : "no"}`);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(request);
    expect((await client.message()).body.toString()).toBe("ok");
  });

  test("a 101 that nobody asked for is the pod's fault", async () => {
    await using pod = await ScriptedPod.answering(switching);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send("POST / HTTP/1.1\r\nHost: hello.default\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect(statusOf(await client.message())).toBe(502);
    client.send("GET / HTTP/1.1\r\nHost: hello.default\r\n\r\n");
    expect(statusOf(await client.message())).toBe(502);
  });

  test("nor does one that does not say what it changes to reach the client", async () => {
    await using pod = await ScriptedPod.answering("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send("POST / HTTP/1.1\r\nHost: hello.default\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect(statusOf(await client.message())).toBe(502);
  });

  test("a client that leaves while it waits for a pod frees its place", async () => {
    await using path = await DataPath.start();
    const client = await path.connect();
    client.send(upgrade());
    await until(() => path.throttler.queued(path.revision.id) === 1);
    client.end();
    await until(() => path.throttler.queued(path.revision.id) === 0);
    expect(path.ended).toEqual([499]);
  });

  test("a pod that breaks takes the client's connection with it", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(switching);
      await connection.see("x");
      connection.reset();
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(upgrade());
    await client.head();
    client.send("x");
    await client.seeClosed();
    await until(() => path.inFlight === 0);
  });

  test("the idle limit ends it, the total limit does not", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(switching);
    });
    await using path = await DataPath.start({
      dests: [pod.dest],
      revision: { timeoutMs: 200, idleTimeoutMs: 1500 },
    });
    const client = await path.connect();
    client.send(upgrade());
    await client.head();
    for (let i = 0; i < 10; i++) {
      client.send("x");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(client.ended || client.closed).toBe(false);
    await client.seeClosed();
    expect(path.ended).toEqual([504]);
  });
});
