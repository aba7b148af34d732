import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { type RawData, WebSocket } from "ws";
import { Http2Client } from "../helpers/http2-client.ts";
import { PortPath } from "../helpers/port-path.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";
import { oldWebSocketPod, webSocketPod, webSocketTo } from "../helpers/websocket.ts";

const versions = ["http1", "h2c"] as const;
const pairs = versions.flatMap((client) => versions.map((pod) => ({ client, pod })));

const echo = (socket: WebSocket): void => {
  socket.on("error", () => {});
  socket.on("message", (data, binary) => socket.send(data, { binary }));
};

const message = async (socket: WebSocket): Promise<{ data: Buffer; binary: boolean }> => {
  const [data, binary] = (await once(socket, "message")) as [RawData, boolean];
  return { data: data as Buffer, binary };
};

describe.each(pairs)(
  "a WebSocket of a client with $client to a pod with $pod",
  ({ client, pod: version }) => {
    test("from zero: messages of all sizes, fragments, pings, the code of the end", async () => {
      let fragments = 0;
      await using pod = await webSocketPod(version, echo);
      await using port = await PortPath.start(version);
      const opening = webSocketTo(client, port.url);
      await until(() => port.path.throttler.queued(port.path.revision.id) === 1);
      port.path.setDests(pod.dest);
      const socket = await opening;
      for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
        const sent = Buffer.alloc(size, size % 251);
        socket.send(sent);
        const { data, binary } = await message(socket);
        expect([data.equals(sent), binary]).toEqual([true, true]);
      }
      for (const part of ["a ", "text ", "in parts"])
        socket.send(part, { fin: part === "in parts" }, () => fragments++);
      expect(await message(socket)).toEqual({ data: Buffer.from("a text in parts"), binary: false });
      expect(fragments).toBe(3);
      socket.ping("are you there");
      expect(String((await once(socket, "pong"))[0])).toBe("are you there");
      expect([port.path.inFlight, port.path.throttler.snapshot(port.path.revision.id).inFlight]).toEqual([
        1, 1,
      ]);
      socket.close(4001, "bye");
      expect((await once(socket, "close"))[0]).toBe(4001);
      await until(() => port.path.inFlight === 0);
      expect(port.path.ended).toEqual([101]);
    });

    test("the idle limit ends it, the total limit does not; the pod is told", async () => {
      const closed = Promise.withResolvers<void>();
      await using pod = await webSocketPod(version, (socket) => {
        echo(socket);
        socket.on("close", () => closed.resolve());
      });
      await using port = await PortPath.start(version, {
        dests: [pod.dest],
        revision: { timeoutMs: 200, idleTimeoutMs: 1000 },
      });
      const socket = await webSocketTo(client, port.url);
      socket.on("error", () => {});
      for (let i = 0; i < 8; i++) {
        socket.send("x");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(socket.readyState).toBe(WebSocket.OPEN);
      await until(() => socket.readyState === WebSocket.CLOSED);
      await closed.promise;
      expect(port.path.ended).toEqual([504]);
    });

    test("draining waits for it until it may wait no longer", async () => {
      await using pod = await webSocketPod(version, echo);
      await using port = await PortPath.start(version, { dests: [pod.dest] });
      const socket = await webSocketTo(client, port.url);
      socket.on("error", () => {});
      const deadline = new AbortController();
      const stopped = port.path.stop(deadline.signal);
      await until(() =>
        port.connect().then(
          (probe) => probe.reset(),
          () => true,
        ),
      );
      socket.send("still served");
      expect(String((await message(socket)).data)).toBe("still served");
      deadline.abort();
      await stopped;
      await until(() => socket.readyState === WebSocket.CLOSED);
    });
  },
);

const connect = { ":method": "CONNECT", ":protocol": "websocket", ":scheme": "http", ":path": "/chat" };

test("a pod that does not want a WebSocket answers an extended CONNECT as any request", async () => {
  await using pod = await ScriptedPod.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  await using port = await PortPath.start("http1", { dests: [pod.dest] });
  using client = await Http2Client.connect(port.url);
  const stream = client.request(connect, true);
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  expect(headers[":status"]).toBe(403);
  stream.close();
});

test("a pod with HTTP/2 that knows no extended CONNECT is asked by HTTP/1.1", async () => {
  await using pod = await oldWebSocketPod(echo);
  await using port = await PortPath.start("h2c", { dests: [pod.dest] });
  const socket = await webSocketTo("h2c", port.url);
  socket.send("hello");
  expect(String((await message(socket)).data)).toBe("hello");
  socket.terminate();
  await until(() => port.path.inFlight === 0);
});

test("a client that resets its stream while it waits leaves the queue", async () => {
  await using port = await PortPath.start("http1");
  using client = await Http2Client.connect(port.url);
  const stream = client.request(connect, true);
  await until(() => port.path.throttler.queued(port.path.revision.id) === 1);
  stream.close(8);
  await until(() => port.path.throttler.queued(port.path.revision.id) === 0);
  expect(port.path.ended).toEqual([499]);
});
