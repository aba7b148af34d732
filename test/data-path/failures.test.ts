import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const get = (method = "GET", more = "", body = "") =>
  `${method} / HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n${body}`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const post = get("POST", "Content-Length: 5\r\n", "hello");

const codeOf = ({ body }: RawMessage): string =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code;

/** A dest that nobody listens at. */
const nobody = async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
};

/** Dies on the first request of each connection, without a word. */
const dying = (seen: RawMessage[] = []) =>
  ScriptedPod.start(async (connection) => {
    seen.push(await connection.message());
    connection.reset();
  });

describe("a pod that refuses", () => {
  test.each([
    ["a GET", get()],
    ["a POST with its body", post],
    ["a POST with chunks", get("POST", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")],
  ])("%s goes to another one, and the one that refused is put aside", async (_, request) => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    const gone = await nobody();
    await using path = await DataPath.start({ dests: [gone], revision: { containerConcurrency: 1 } });
    path.setDests(gone, pod.dest);
    const client = await path.connect();
    for (let i = 0; i < 6; i++) {
      client.send(request);
      const answer = await client.message();
      expect(statusOf(answer)).toBe(200);
      expect(seen.at(-1)!.body.toString()).toBe(
        request.includes("hello\r\n") || request === post ? "hello" : "",
      );
    }
    expect(path.suspected.every((key) => key === gone.key)).toBe(true);
    expect(path.retries).toBe(path.suspected.length);
  });

  test("when all refuse, the client is told after a few tries", async () => {
    await using path = await DataPath.start({ dests: [await nobody(), await nobody()] });
    const client = await path.connect();
    client.send(get());
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([502, "pod_refused"]);
    expect(path.suspected.length).toBe(3);
    client.send(get());
    expect(statusOf(await client.message())).toBe(502);
  });
});

describe("a pod that dies without an answer", () => {
  /** Answers the first request of each connection, dies on the second. */
  const aging = (seen: RawMessage[]) =>
    ScriptedPod.start(async (connection) => {
      seen.push(await connection.message());
      connection.send(ok);
      seen.push(await connection.message());
      connection.socket.destroy();
    });

  test.each(["GET", "HEAD", "DELETE"])(
    "%s on a connection that was used before is tried again",
    async (method) => {
      const seen: RawMessage[] = [];
      await using pod = await aging(seen);
      await using path = await DataPath.start({ dests: [pod.dest] });
      const client = await path.connect();
      client.send(get());
      await client.message();
      client.send(get(method));
      expect(statusOf(await client.message({ bodiless: method === "HEAD" }))).toBe(200);
      expect(pod.connections.length).toBe(2);
      expect(path.suspected).toEqual([]);
      expect(path.ended).toEqual([200, 200]);
    },
  );

  test.each([
    ["a POST", post],
    ["a POST without a body", get("POST")],
    ["a PUT with a body", get("PUT", "Content-Length: 5\r\n", "hello")],
    ["a chunked PUT", get("PUT", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")],
  ])("%s is not: it may have been done", async (_, request) => {
    const seen: RawMessage[] = [];
    await using pod = await aging(seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(request);
    expect(statusOf(await client.message())).toBe(200);
    client.send(request);
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([502, "pod_reset"]);
    expect(seen.length).toBe(2);
    client.send(request);
    expect(statusOf(await client.message())).toBe(200);
  });

  test("a GET on a fresh connection puts one more pod at risk, and no third", async () => {
    const seen: RawMessage[] = [];
    await using one = await dying(seen);
    await using two = await dying(seen);
    await using three = await dying(seen);
    await using path = await DataPath.start({ dests: [one.dest, two.dest, three.dest] });
    const client = await path.connect();
    client.send(get());
    expect(codeOf(await client.message())).toBe("pod_reset");
    expect(seen.length).toBe(2);
    expect(new Set(path.suspected).size).toBe(2);
  });

  test("a GET is answered by the other pod when the first is killed", async () => {
    await using one = await dying();
    await using two = await ScriptedPod.answering(ok);
    await using path = await DataPath.start({
      dests: [one.dest, two.dest],
      revision: { containerConcurrency: 1 },
    });
    const client = await path.connect();
    for (let i = 0; i < 10; i++) {
      client.send(get());
      expect(statusOf(await client.message())).toBe(200);
    }
  });
});

describe("a pod that breaks off its answer", () => {
  test.each([
    ["short of its length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "end"],
    ["within its chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "end"],
    ["with a reset", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "reset"],
    ["with bad chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", "stay"],
  ] as const)("%s: the client's connection is cut, and nothing is added", async (_, bytes, then) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send(bytes);
      await until(() => client.text.includes("hello"));
      if (then === "end") connection.end();
      if (then === "reset") connection.reset();
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    await client.see("hello");
    await client.seeClosed();
    expect(client.text.endsWith(bytes.includes("chunked") ? "5\r\nhello\r\n" : "hello")).toBe(true);
    await until(() => path.ended.length === 1);
    expect(path.ended).toEqual([502]);
  });
});

describe("an answer that is not HTTP", () => {
  test.each([
    ["no status line", "hello\r\n\r\n"],
    ["both framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"],
    ["a NUL in a field", "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok"],
    ["a name that is none", "HTTP/1.1 200 OK\r\nX(A): 1\r\nContent-Length: 2\r\n\r\nok"],
    [
      "a head of more than 64 KiB",
      `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(70_000)}\r\nContent-Length: 2\r\n\r\nok`,
    ],
  ])("%s: 502, which says so", async (_, bytes) => {
    await using pod = await ScriptedPod.answering(bytes);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(get());
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([502, "pod_bad_response"]);
    expect(path.suspected).toEqual([]);
    client.send(post);
    expect(statusOf(await client.message())).toBe(502);
  });

  test("bytes behind an answer are not taken for the next one", async () => {
    await using pod = await ScriptedPod.start(async (connection, nth) => {
      await connection.message();
      connection.send(nth === 1 ? `${ok}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil` : ok);
      await connection.message();
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    for (let i = 0; i < 3; i++) {
      client.send(get());
      expect((await client.message()).body.toString()).toBe("ok");
    }
  });
});

describe("what the client is told", () => {
  test.each([
    ["*/*", "application/json"],
    ["text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/plain; charset=utf-8"],
    ["application/json, text/plain", "application/json"],
  ])("to Accept: %s the error is %s", async (accept, type) => {
    await using path = await DataPath.start({ dests: [await nobody()], config: { maxTries: 1 } });
    const client = await path.connect();
    client.send(get("GET", `Accept: ${accept}\r\n`));
    const { fields, body } = await client.message();
    expect(valueOf(fields, "content-type")).toBe(type);
    expect(body.toString()).toContain("pod_refused");
    expect(body.toString()).toContain("default/hello");
    expect(body.toString()).toContain("ECONNREFUSED");
  });

  test("an unknown Service: 404", async () => {
    await using path = await DataPath.start();
    const client = await path.connect();
    client.send("GET / HTTP/1.1\r\nHost: other.default.svc.cluster.local:80\r\n\r\n");
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([404, "no_such_service"]);
    expect(answer.body.toString()).toContain("default/other");
  });
});
