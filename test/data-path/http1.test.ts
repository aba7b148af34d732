import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawMessage, statusOf, valueOf, valuesOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const get = (target = "/", more = "", method = "GET") =>
  `${method} ${target} HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n`;
const ok = (body: string, more = "") =>
  `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

describe("connections", () => {
  test("a client's connection and the pod's are both kept", async () => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok("hi"), seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    for (let i = 0; i < 5; i++) {
      client.send(get(`/${i}`));
      expect((await client.message()).body.toString()).toBe("hi");
    }
    expect(seen.map(({ first }) => first.split(" ")[1])).toEqual(["/0", "/1", "/2", "/3", "/4"]);
    expect(pod.connections.length).toBe(1);
  });

  test("pipelined requests run side by side and are answered in order", async () => {
    const order: string[] = [];
    await using pod = await ScriptedPod.start(async (connection) => {
      const { first } = await connection.message();
      const target = first.split(" ")[1]!;
      if (target === "/first") await untilCalled;
      order.push(target);
      connection.send(ok(target));
      if (target === "/third") release();
    });
    let release!: () => void;
    const untilCalled = new Promise<void>((resolve) => (release = resolve));
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get("/first") + get("/second") + get("/third"));
    const bodies = [await client.message(), await client.message(), await client.message()];
    expect(bodies.map(({ body }) => body.toString())).toEqual(["/first", "/second", "/third"]);
    expect(order.at(-1)).toBe("/first");
  });

  test("a pipelined request that may change something runs by itself", async () => {
    const gates = new Map<string, PromiseWithResolvers<void>>();
    await using pod = await ScriptedPod.start(async (connection) => {
      for (;;) {
        const { first } = await connection.message();
        const gate = Promise.withResolvers<void>();
        gates.set(first.split(" ")[1]!, gate);
        await gate.promise;
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${first.length}\r\n\r\n${first}`);
      }
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    const ask = (method: string, target: string) =>
      `${method} ${target} HTTP/1.1\r\nHost: hello.default\r\n\r\n`;
    client.send(
      ask("GET", "/1") + ask("HEAD", "/2") + ask("POST", "/3") + ask("DELETE", "/4") + ask("GET", "/5"),
    );
    const running: string[] = [];
    for (const ready of [["/1", "/2"], ["/3"], ["/4"], ["/5"]]) {
      running.push(...ready);
      await until(() => gates.size === running.length, `${running.join()} at the pod`);
      expect([...gates.keys()].sort()).toEqual(running);
      for (const target of ready) gates.get(target)!.resolve();
    }
    await client.see("GET /5 HTTP/1.1");
    expect(path.ended).toEqual([200, 200, 200, 200, 200]);
  });

  test("far more pipelined requests than are read at once are all answered, in order", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      for (;;) connection.send(ok((await connection.message()).first.split(" ")[1]!));
    });
    await using path = await DataPath.start({ dests: [pod.dest], config: { maxPipelined: 4 } });
    const client = await path.connect();
    const targets = Array.from({ length: 500 }, (_, i) => `/${i}`);
    client.send(targets.map((target) => get(target)).join(""));
    for (const target of targets) expect((await client.message()).body.toString()).toBe(target);
  });

  test.each([
    ["HTTP/1.1 with Connection: close", get("/", "Connection: close\r\n")],
    ["HTTP/1.0", "GET / HTTP/1.0\r\nHost: hello.default\r\n\r\n"],
  ])("%s gets its answer and then the end", async (_, request) => {
    await using pod = await ScriptedPod.answering(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(request);
    const answer = await client.message();
    expect(answer.body.toString()).toBe("hi");
    await client.seeClosed();
  });

  test("a pod that closes after each answer is asked anew each time", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send(ok("hi", "Connection: close\r\n"));
      connection.end();
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    for (let i = 0; i < 3; i++) {
      client.send(get());
      expect((await client.message()).body.toString()).toBe("hi");
    }
    expect(pod.connections.length).toBe(3);
    expect(path.ended).toEqual([200, 200, 200]);
  });
});

describe("answers", () => {
  test("chunked, with trailers", async () => {
    await using pod = await ScriptedPod.answering(
      "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n yo\r\n0\r\nX-Sum: 5\r\n\r\n",
    );
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get("/", "TE: trailers\r\n"));
    const answer = await client.message();
    expect(answer.body.toString()).toBe("hi yo");
    expect(answer.trailers).toEqual(["X-Sum", "5"]);
    expect(valueOf(answer.fields, "trailer")).toBe("X-Sum");
  });

  test("without a length: until the pod closes", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send("HTTP/1.1 200 OK\r\n\r\nall of it");
      connection.end();
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    expect((await client.message()).body.toString()).toBe("all of it");
    expect(path.ended).toEqual([200]);
  });

  test.each([
    ["a HEAD with a length", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "5"],
    [
      "a HEAD with chunks and trailers announced",
      "HEAD",
      "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n",
      undefined,
    ],
    ["204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", undefined],
    [
      "304 with the length of what it stands for",
      "GET",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
      "9",
    ],
  ])("%s has no body, and the connection goes on", async (_, method, answer, length) => {
    await using pod = await ScriptedPod.answering(answer);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    for (let i = 0; i < 2; i++) {
      client.send(get("/", "", method));
      const { fields } = await client.message({ bodiless: true });
      expect(valueOf(fields, "content-length")).toBe(length);
    }
    expect(client.text).toBe("");
  });

  test("names keep their case and order, duplicates stay apart, odd reasons and bytes stay", async () => {
    await using pod = await ScriptedPod.answering(
      "HTTP/1.1 299 Quite \xc3\xbcnusual\r\nset-cookie: a=1\r\nX-Latin: \xe9\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    );
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    const answer = await client.message();
    expect(answer.first).toBe("HTTP/1.1 299 Quite \xc3\xbcnusual");
    expect(answer.fields.slice(0, 6)).toEqual(["set-cookie", "a=1", "X-Latin", "\xe9", "Set-Cookie", "b=2"]);
    expect(valuesOf(answer.fields, "date")).toEqual([]);
  });

  test("bytes of a head that goes out before its body stay", async () => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send("HTTP/1.1 200 OK\r\nX-Latin: \xe9\r\nTransfer-Encoding: chunked\r\n\r\n");
      await connection.see("never");
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    expect(valueOf((await client.head()).fields, "x-latin")).toBe("\xe9");
  });

  test("Server-Sent Events go out one by one, the head before the first", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
      );
      await first.promise;
      connection.send("9\r\ndata: 1\n\n\r\n");
      await second.promise;
      connection.send("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    await client.see("text/event-stream");
    first.resolve();
    await client.see("data: 1");
    expect(client.text).not.toContain("data: 2");
    second.resolve();
    await client.see("data: 2");
  });
});

describe("informational answers", () => {
  test("103 Early Hints goes through before the answer, whatever its fields", async () => {
    await using pod = await ScriptedPod.answering(
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Hint: 1\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok("hi")}`,
    );
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    const hints = await client.message();
    expect(statusOf(hints)).toBe(103);
    expect(valueOf(hints.fields, "link")).toBe("</a.css>; rel=preload");
    expect(valueOf(hints.fields, "x-hint")).toBe("1");
    expect(statusOf(await client.message())).toBe(102);
    expect((await client.message()).body.toString()).toBe("hi");
  });

  test("clients of HTTP/1.0 are spared them", async () => {
    await using pod = await ScriptedPod.answering(
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok("hi")}`,
    );
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send("GET / HTTP/1.0\r\nHost: hello.default\r\n\r\n");
    expect(statusOf(await client.message())).toBe(200);
  });
});
