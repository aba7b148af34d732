import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { Http2Client, answerOf } from "../helpers/http2-client.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";

describe("an answer before the end of a body", () => {
  const refusing = () =>
    ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    });

  test("the rest is thrown away", async () => {
    await using pod = await refusing();
    await using path = await DataPath.start({ dests: [pod.dest], config: { lingerMs: 60_000 } });
    using client = await Http2Client.connect(`http://127.0.0.1:${path.port}`);
    const stream = client.request({ ":method": "POST" }, true);
    const answer = answerOf(stream);
    // Far more than fits into the window of one that nobody reads: the stream would not close for a minute.
    stream.end(Buffer.alloc(5_000_000));
    expect((await answer).status).toBe(413);
  });

  test("a client that does not come to an end is told that nobody wants it", async () => {
    await using pod = await refusing();
    await using path = await DataPath.start({ dests: [pod.dest], config: { lingerMs: 100 } });
    using client = await Http2Client.connect(`http://127.0.0.1:${path.port}`);
    const stream = client.request({ ":method": "POST" }, true);
    stream.write("begin");
    expect((await answerOf(stream)).status).toBe(413);
    expect(path.ended).toEqual([413]);
  });
});

test.each([
  ["a status that HTTP/2 does not have", "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nno", 502],
  ["a status of its own", "HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nno", 599],
  [
    "fields of its connection",
    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nConnection: x-a\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n",
    200,
  ],
])("a pod's answer with %s", async (_, text, status) => {
  await using pod = await ScriptedPod.answering(text);
  await using path = await DataPath.start({ dests: [pod.dest] });
  using client = await Http2Client.connect(`http://127.0.0.1:${path.port}`);
  const answer = await client.ask();
  expect(answer.status).toBe(status);
  expect(answer.headers).not.toHaveProperty("x-a");
  expect((await client.ask()).status).toBe(status);
});
