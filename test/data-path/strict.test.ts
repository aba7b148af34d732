import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const H = "Host: hello.default\r\n";

/** What must never reach a pod, and what the client is told. A request follows each, to see that it is not read. */
const refused: readonly (readonly [what: string, status: number, request: string])[] = [
  [
    "both framings",
    400,
    `POST / HTTP/1.1\r\n${H}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "both framings, the other way",
    400,
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
  ],
  ["two lengths", 400, `POST / HTTP/1.1\r\n${H}Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello`],
  ["two equal lengths", 400, `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ["a list of lengths", 400, `POST / HTTP/1.1\r\n${H}Content-Length: 5, 5\r\n\r\nhello`],
  ["a signed length", 400, `POST / HTTP/1.1\r\n${H}Content-Length: +5\r\n\r\nhello`],
  ["a hexadecimal length", 400, `POST / HTTP/1.1\r\n${H}Content-Length: 0x5\r\n\r\nhello`],
  ["an endless length", 400, `POST / HTTP/1.1\r\n${H}Content-Length: 99999999999999999999\r\n\r\nhello`],
  ["another coding", 400, `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip\r\n\r\n`],
  ["chunked not last", 400, `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  [
    "a coding before chunked",
    400,
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "chunked twice",
    400,
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["nearly chunked", 400, `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["chunks in HTTP/1.0", 400, `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a space before the colon", 400, `GET / HTTP/1.1\r\n${H}X-A : 1\r\n\r\n`],
  ["a folded line", 400, `GET / HTTP/1.1\r\n${H}X-A: 1\r\n 2\r\n\r\n`],
  ["a NUL in a value", 400, `GET / HTTP/1.1\r\n${H}X-A: a\0b\r\n\r\n`],
  ["a NUL in the target", 400, `GET /a\0b HTTP/1.1\r\n${H}\r\n`],
  ["a bare CR in a value", 400, `GET / HTTP/1.1\r\n${H}X-A: a\rb\r\n\r\n`],
  ["bare LF lines", 400, "GET / HTTP/1.1\nHost: hello.default\n\n"],
  ["an empty name", 400, `GET / HTTP/1.1\r\n${H}: 1\r\n\r\n`],
  ["a name that is none", 400, `GET / HTTP/1.1\r\n${H}X(A): 1\r\n\r\n`],
  ["no Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["two Hosts", 400, `GET / HTTP/1.1\r\n${H}Host: other.default\r\n\r\n`],
  ["two equal Hosts", 400, `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ["a Host with a path", 400, "GET / HTTP/1.1\r\nHost: hello.default/x\r\n\r\n"],
  ["a Host with a user", 400, "GET / HTTP/1.1\r\nHost: a@hello.default\r\n\r\n"],
  ["a target that disagrees with the Host", 400, `GET http://other.default/ HTTP/1.1\r\n${H}\r\n`],
  ["a target with a user", 400, `GET http://a@hello.default/ HTTP/1.1\r\n${H}\r\n`],
  ["a target of another scheme", 400, `GET ftp://hello.default/ HTTP/1.1\r\n${H}\r\n`],
  ["a target with a fragment", 400, `GET /a#b HTTP/1.1\r\n${H}\r\n`],
  ["* for a GET", 400, `GET * HTTP/1.1\r\n${H}\r\n`],
  ["an authority as target", 400, `CONNECT hello.default:80 HTTP/1.1\r\n${H}\r\n`],
  ["an unknown method", 400, `G€T / HTTP/1.1\r\n${H}\r\n`],
  ["another version", 400, `GET / HTTP/1.2\r\n${H}\r\n`],
  ["something else", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["a head of more than 64 KiB", 431, `GET / HTTP/1.1\r\n${H}X-A: ${"a".repeat(66_000)}\r\n\r\n`],
  ["a head of many small fields", 431, `GET / HTTP/1.1\r\n${H}${"a: b\r\n".repeat(2000)}\r\n`],
];

describe("refused", () => {
  test.each(refused)("%s: %i", async (_, status, request) => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${request}GET /smuggled HTTP/1.1\r\n${H}\r\n`);
    const answer = await client.message();
    expect(statusOf(answer)).toBe(status);
    expect(valueOf(answer.fields, "connection")).toBe("close");
    const { error } = JSON.parse(answer.body.toString()) as { error: { code: string; by: string } };
    expect(error.by).toBe("client");
    client.end();
    await client.seeClosed();
    expect(seen).toEqual([]);
    expect(client.text).toBe("");
  });

  test.each([
    ["a bad chunk size", "zz\r\nhello\r\n0\r\n\r\n"],
    ["a chunk longer than it says", "2\r\nhello\r\n0\r\n\r\n"],
    ["a chunk without its end", "5\r\nhello0\r\n\r\n"],
    ["a negative chunk", "-5\r\nhello\r\n0\r\n\r\n"],
    ["an extension without end", `5;${"a".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ])("%s in a body ends the request and the connection", async (_, body) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${body}GET /smuggled HTTP/1.1\r\n${H}\r\n`,
    );
    const answer = await client.message();
    expect(statusOf(answer)).toBe(400);
    expect(valueOf(answer.fields, "connection")).toBe("close");
    await client.seeClosed();
    expect(path.ended).toEqual([400]);
    expect(pod.connections.every(({ text }) => !text.includes("smuggled"))).toBe(true);
  });

  test("behind a good request: that one is answered first", async () => {
    const gate = Promise.withResolvers<void>();
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      await gate.promise;
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`GET / HTTP/1.1\r\n${H}\r\nGET / HTTP/9\r\n\r\n`);
    client.send(`GET /smuggled HTTP/1.1\r\n${H}\r\n`);
    await client.take(0);
    gate.resolve();
    expect((await client.message()).body.toString()).toBe("ok");
    expect(statusOf(await client.message())).toBe(400);
    await client.seeClosed();
    expect(path.ended).toEqual([200]);
  });

  test("a head that does not arrive: 408", async () => {
    await using path = await DataPath.start({ config: { headTimeoutMs: 200 } });
    const client = await path.connect();
    client.send("GET / HTTP/1.1\r\nHost:");
    expect(statusOf(await client.message())).toBe(408);
    await client.seeClosed();
    expect(path.refused).toEqual(["head_timeout"]);
  });

  test("more connections than there may be are cut at once", async () => {
    await using path = await DataPath.start({ config: { maxConnections: 2 } });
    const first = await path.connect();
    const second = await path.connect();
    const third = await path.connect();
    await third.seeClosed();
    expect([first.closed, second.closed, third.received]).toEqual([false, false, 0]);
  });
});

describe("accepted", () => {
  test.each([
    [
      "the target as a URL that agrees",
      `GET http://hello.default/a?b HTTP/1.1\r\n${H}\r\n`,
      "GET /a?b HTTP/1.1",
    ],
    [
      "a URL with the port that is the default",
      `GET http://HELLO.default:80 HTTP/1.1\r\n${H}\r\n`,
      "GET / HTTP/1.1",
    ],
    ["a URL without a path", `GET http://hello.default?q HTTP/1.1\r\n${H}\r\n`, "GET /?q HTTP/1.1"],
    ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${H}\r\n`, "OPTIONS * HTTP/1.1"],
    ["an empty line before the request", `\r\nGET / HTTP/1.1\r\n${H}\r\n`, "GET / HTTP/1.1"],
    ["bytes above ASCII in a value", `GET / HTTP/1.1\r\n${H}X-A: \xe9\r\n\r\n`, "GET / HTTP/1.1"],
    [
      "a head of just under 64 KiB",
      `GET / HTTP/1.1\r\n${H}X-A: ${"a".repeat(65_000)}\r\n\r\n`,
      "GET / HTTP/1.1",
    ],
    [
      "nine hundred fields",
      `GET / HTTP/1.1\r\n${H}${"a: b\r\n".repeat(900)}X-A: z\r\n\r\n`,
      "GET / HTTP/1.1",
    ],
  ])("%s", async (_, request, first) => {
    const seen: RawMessage[] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(request);
    expect(statusOf(await client.message())).toBe(200);
    expect(seen[0]!.first).toBe(first);
    expect(valueOf(seen[0]!.fields, "host")).toBe("hello.default");
    if (request.includes("X-A"))
      expect(valueOf(seen[0]!.fields, "x-a")).toBe(/X-A: (.*)\r/.exec(request)![1]);
  });
});
