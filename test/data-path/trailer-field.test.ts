import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const H = "Host: hello.default\r\n";
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** `Trailer` announces fields behind a chunked body; where there is none it announces nothing, and is no error. */
describe.each([
  ["the general engine", false],
  ["the lane", true],
])("a Trailer field without chunks, %s", (_, lane) => {
  test.each([
    ["with its body", false],
    ["with a body that comes late", true],
  ])("in a request of declared length %s", async (__, late) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      const { body } = await connection.message();
      connection.send(ok.replace("ok", body.toString()));
    });
    await using path = await DataPath.start({ config: { lane }, dests: [pod.dest] });
    const client = await path.connect();
    client.send(`POST / HTTP/1.1\r\n${H}Trailer: X-Sum\r\nContent-Length: 2\r\n\r\n${late ? "" : "hi"}`);
    if (late) {
      await until(() => (pod.connections[0]?.received ?? 0) > 0, "the head at the pod");
      client.send("hi");
    }
    const answer = await client.message();
    expect([statusOf(answer), answer.body.toString()]).toEqual([200, "hi"]);
  });

  test.each([
    ["with an expectation", "POST", "Expect: 100-continue\r\nContent-Length: 2\r\n"],
    ["without a body", "GET", ""],
    ["that would like an upgrade", "GET", "Connection: Upgrade\r\nUpgrade: x\r\n"],
  ])("in a request %s", async (__, method, fields) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(ok);
    });
    await using path = await DataPath.start({ config: { lane }, dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${method} / HTTP/1.1\r\n${H}Trailer: X-Sum\r\n${fields}\r\n`);
    expect(statusOf(await client.message())).toBe(200);
  });

  test.each([
    ["of declared length", "GET", ok.replace("\r\n", "\r\nTrailer: X-Sum\r\n"), "ok"],
    ["of no body", "GET", "HTTP/1.1 204 No Content\r\nTrailer: X-Sum\r\n\r\n", ""],
    ["that is not modified", "GET", "HTTP/1.1 304 Not Modified\r\nTrailer: X-Sum\r\n\r\n", ""],
    ["to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\n", ""],
    ["that ends with its connection", "GET", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n\r\nok", "ok"],
  ])("in an answer %s", async (__, method, text, body) => {
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send(text);
      connection.end();
    });
    await using path = await DataPath.start({ config: { lane }, dests: [pod.dest] });
    const client = await path.connect();
    client.send(`${method} / HTTP/1.1\r\n${H}\r\n`);
    const answer = await client.message({ bodiless: method === "HEAD" });
    expect([statusOf(answer), answer.body.toString()]).toEqual([Number(text.slice(9, 12)), body]);
    // Chunks of ours, where the length was not known, may have trailers.
    const chunked = valueOf(answer.fields, "transfer-encoding") !== undefined;
    expect(valueOf(answer.fields, "trailer")).toBe(chunked ? "X-Sum" : undefined);
  });
});
