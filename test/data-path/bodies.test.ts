import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const head = (method: string, more: string) => `${method} /up HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("request bodies", () => {
  const sized = { fields: "Content-Length: 5\r\n", bytes: "hello", length: "5", coding: undefined };
  test.each([
    { what: "with a length, sent at once", method: "POST", ...sized },
    { what: "of a method that seldom has one", method: "DELETE", ...sized },
    { what: "of a GET", method: "GET", ...sized },
    {
      what: "chunked",
      method: "PUT",
      fields: "Transfer-Encoding: chunked\r\n",
      bytes: "5\r\nhello\r\n0\r\n\r\n",
      length: undefined,
      coding: "chunked",
    },
  ])("$what", async ({ method, fields, bytes, length, coding }) => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    for (let i = 0; i < 2; i++) {
      client.send(head(method, fields) + bytes);
      expect(statusOf(await client.message())).toBe(200);
    }
    expect(seen.map(({ first }) => first)).toEqual([`${method} /up HTTP/1.1`, `${method} /up HTTP/1.1`]);
    expect(seen[1]!.body.toString()).toBe("hello");
    expect(valueOf(seen[0]!.fields, "content-length")).toBe(length);
    expect(valueOf(seen[0]!.fields, "transfer-encoding")).toBe(coding);
    expect(pod.connections.length).toBe(1);
  });

  test("an empty POST stays an empty POST", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", "Content-Length: 0\r\n"));
    expect(statusOf(await client.message())).toBe(200);
    expect(valueOf(seen[0]!.fields, "content-length")).toBe("0");
  });

  test("an empty chunked body stays chunked", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${head("POST", "Transfer-Encoding: chunked\r\n")}0\r\n\r\n`);
    expect(statusOf(await client.message())).toBe(200);
    expect(seen[0]!.body.length).toBe(0);
    client.send(head("POST", "Content-Length: 0\r\n"));
    expect(statusOf(await client.message())).toBe(200);
  });

  test("trailers of the request reach the pod", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n"));
    client.send("5\r\nhello\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n");
    expect(statusOf(await client.message())).toBe(200);
    expect(seen[0]!.trailers).toEqual(["X-Sum", "1"]);
  });

  test.each([
    ["Content-Length: 10\r\n", "hello", "world"],
    ["Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "5\r\nworld\r\n0\r\n\r\n"],
  ])("with %s the pod has the head at once and each part as it comes", async (fields, one, two) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      await connection.see("hello");
      connection.send("HTTP/1.1 103 Early Hints\r\nX-Seen: hello\r\n\r\n");
      await connection.see("world");
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", fields));
    await until(() => pod.connections[0]?.received, "the head at the pod");
    client.send(one);
    expect(valueOf((await client.message()).fields, "x-seen")).toBe("hello");
    client.send(two);
    expect(statusOf(await client.message())).toBe(200);
  });

  test("both directions flow at the same time", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (const part of ["a", "b"]) {
        await connection.takeUntil(`1\r\n${part}\r\n`);
        connection.send(`1\r\n${part}\r\n`);
      }
      await connection.takeUntil("0\r\n\r\n");
      connection.send("0\r\n\r\n");
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("POST", "Transfer-Encoding: chunked\r\n"));
    await client.head();
    for (const part of ["a", "b"]) {
      client.send(`1\r\n${part}\r\n`);
      await client.takeUntil(`1\r\n${part}\r\n`);
    }
    client.send("0\r\n\r\n");
    await client.takeUntil("0\r\n\r\n");
  });
});

describe("Expect: 100-continue", () => {
  const expecting = head("POST", "Content-Length: 5\r\nExpect: 100-continue\r\n");

  test("the pod decides, and the body follows its word", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      const { fields } = await connection.head();
      expect(valueOf(fields, "expect")).toBe("100-continue");
      expect(connection.text).toBe("");
      connection.send("HTTP/1.1 100 Continue\r\n\r\n");
      expect((await connection.take(5)).toString()).toBe("hello");
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(expecting);
    expect(statusOf(await client.message())).toBe(100);
    client.send("hello");
    expect((await client.message()).body.toString()).toBe("ok");
    client.send(head("GET", ""));
    await until(() => pod.connections.length === 1 || pod.failures.length > 0);
    expect(pod.failures).toEqual([]);
  });

  test("nothing is said to the client while no pod is there", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 100 Continue\r\n\r\n");
      seen.push({ first: "", fields: [], body: await connection.take(5), trailers: [] });
      connection.send(ok);
    });
    await using path = await DataPath.start();
    const client = await path.connect();
    client.send(expecting);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    expect(client.received).toBe(0);
    path.setDests(pod.dest);
    expect(statusOf(await client.message())).toBe(100);
    client.send("hello");
    expect(statusOf(await client.message())).toBe(200);
    expect(seen[0]!.body.toString()).toBe("hello");
  });

  test("a pod that refuses without reading: its answer, and the connection ends", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(expecting);
    const answer = await client.message();
    expect(statusOf(answer)).toBe(413);
    expect(valueOf(answer.fields, "connection")).toBe("close");
    await client.seeClosed();
  });

  test("a client that does not wait for the word is served all the same", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      expect((await connection.take(5)).toString()).toBe("hello");
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${expecting}hello`);
    expect(statusOf(await client.message())).toBe(200);
  });

  test("an expectation that nobody knows is dropped", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(head("GET", "Expect: miracles\r\n"));
    expect(statusOf(await client.message())).toBe(200);
    expect(valueOf(seen[0]!.fields, "expect")).toBe(undefined);
  });
});
