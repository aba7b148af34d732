import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawSocket, statusOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const MB = 1_000_000;
const block = Buffer.alloc(MB, "x");
const head = (method: string, more: string) => `${method} / HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Sends as fast as the other side takes. */
const pour = async ({ socket }: RawSocket, megabytes: number): Promise<void> => {
  for (let i = 0; i < megabytes && !socket.destroyed; i++) {
    if (!socket.write(block)) await until(() => !socket.writableNeedDrain || socket.destroyed);
  }
};

/** Waits until a socket that is being written to takes no more. */
const stall = (socket: RawSocket["socket"]) =>
  until(async () => {
    if (socket.writableLength === 0) return false;
    const before = socket.bytesWritten - socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return socket.writableLength > 0 && before === socket.bytesWritten - socket.writableLength;
  }, "a stall");

/** A connection that counts what comes instead of keeping it. */
const counting = (connection: RawSocket): { bytes: number } => {
  const count = { bytes: 0 };
  connection.socket.removeAllListeners("data");
  connection.socket.on("data", (chunk: Buffer) => (count.bytes += chunk.length));
  return count;
};

describe("back-pressure", () => {
  test("a client that does not read holds the pod: 200 MB are not taken in", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${200 * MB}\r\n\r\n`);
      await pour(connection, 200);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.socket.pause();
    client.send(head("GET", ""));
    await until(() => pod.connections[0]?.socket);
    const podSocket = pod.connections[0]!.socket;
    await stall(podSocket);
    // What has left the pod is in the kernel's buffers, and in ours at most a few times 64 KiB.
    expect(podSocket.bytesWritten).toBeLessThan(40 * MB);
    const count = counting(client);
    client.socket.resume();
    await until(() => count.bytes > 200 * MB);
    await until(() => path.ended.length === 1);
  });

  test.each(["Content-Length: 200000000\r\n", "Transfer-Encoding: chunked\r\n"])(
    "a pod that does not read holds the client (%s)",
    async (fields) => {
      const gate = Promise.withResolvers<void>();
      let count = { bytes: 0 };
      const chunked = fields.includes("chunked");
      await using pod = await ScriptedPod.start(async (connection) => {
        await connection.head();
        connection.socket.pause();
        await gate.promise;
        count = counting(connection);
        connection.socket.resume();
        await until(() => count.bytes > 195 * MB);
        connection.send(ok);
      });
      await using path = await DataPath.start({ dests: [pod.dest] });
      const client = await path.connect();
      client.send(head("POST", fields));
      if (chunked) client.send(`${(200 * MB).toString(16)}\r\n`);
      const poured = pour(client, 200);
      await stall(client.socket);
      expect(client.socket.bytesWritten).toBeLessThan(40 * MB);
      gate.resolve();
      await poured;
      if (chunked) client.send("\r\n0\r\n\r\n");
      expect(statusOf(await client.message())).toBe(200);
    },
  );
});

describe("a pod that answers before it has read the body", () => {
  test("the client has the answer at once; what it still sends is thrown away and the connection goes on", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", "Content-Length: 10\r\n"));
    expect(statusOf(await client.message())).toBe(200);
    client.send(`0123456789${head("GET", "")}`);
    expect(statusOf(await client.message())).toBe(200);
    expect(path.ended).toEqual([200, 200]);
  });

  test("a client that never ends its body is cut off", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest], config: { lingerMs: 300 } });
    const client = await path.connect();
    client.send(head("POST", "Content-Length: 1000\r\n"));
    expect(statusOf(await client.message())).toBe(200);
    await client.seeClosed();
  });

  test("in the middle of a large one: the pod's connection is not used again", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      await until(() => connection.received > 2 * MB);
      connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", `Content-Length: ${20 * MB}\r\n`));
    const poured = pour(client, 20);
    expect(statusOf(await client.message())).toBe(413);
    await poured;
    await pod.connections[0]!.seeClosed();
    client.send(head("GET", ""));
    await until(() => pod.connections.length === 2);
  });
});

describe("a client that goes away", () => {
  test.each(["end", "reset"] as const)("(%s) while it waits frees its place at once", async (how) => {
    await using path = await DataPath.start();
    const [one, two, three] = [await path.connect(), await path.connect(), await path.connect()];
    for (const client of [one, two, three]) client.send(head("GET", ""));
    await until(() => path.throttler.queued(path.revision.id) === 3);
    two[how]();
    await until(() => path.throttler.queued(path.revision.id) === 2);
    expect(path.ended).toEqual([499]);
    await using pod = await ScriptedPod.answering(ok);
    path.setDests(pod.dest);
    expect(statusOf(await one.message())).toBe(200);
    expect(statusOf(await three.message())).toBe(200);
  });

  test.each([
    ["before the answer", ""],
    ["within the answer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
  ])("%s: the pod learns of it, and its slot is free", async (_, bytes) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(bytes);
    });
    await using path = await DataPath.start({ dests: [pod.dest], revision: { containerConcurrency: 1 } });
    const client = await path.connect();
    client.send(head("GET", ""));
    await until(() => (pod.connections[0]?.received ?? 0) > 0 && client.received >= bytes.length);
    client.reset();
    await pod.connections[0]!.seeClosed();
    await until(() => path.throttler.snapshot(path.revision.id).inFlight === 0);
    expect(path.ended).toEqual([499]);
    expect(path.suspected).toEqual([]);
  });

  test.each(["Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"])(
    "within its body (%j): the pod does not take the part for the whole",
    async (rest) => {
      await using pod = await ScriptedPod.start((connection) => connection.see("hello"));
      await using path = await DataPath.start({ dests: [pod.dest] });
      const client = await path.connect();
      client.send(`POST / HTTP/1.1\r\nHost: hello.default\r\n${rest}`);
      await until(() => pod.connections[0]?.text.includes("hello"));
      client.end();
      await until(() => pod.connections[0]!.closed || pod.connections[0]!.ended);
      expect(pod.connections[0]!.text).not.toMatch(/\r\n0\r\n\r\n$/);
      await until(() => path.ended.length === 1);
      expect(path.ended).toEqual([499]);
    },
  );
});
