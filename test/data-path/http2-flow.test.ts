import { once } from "node:events";
import type { ClientHttp2Stream } from "node:http2";
import { expect, test } from "vitest";
import { Http2Client, answerOf } from "../helpers/http2-client.ts";
import { Http2Pod } from "../helpers/http2-pod.ts";
import { PortPath } from "../helpers/port-path.ts";
import { until } from "../helpers/until.ts";

test("50 MB both ways at once arrive whole, and neither side runs ahead of the other", async () => {
  let ahead = 0;
  let received = 0;
  await using pod = await Http2Pod.start((stream) => {
    stream.respond({ ":status": 200 });
    stream.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (stream.write(chunk)) return;
      stream.pause();
      stream.once("drain", () => stream.resume());
    });
    stream.on("end", () => stream.end());
  });
  await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
  using client = await Http2Client.connect(h2c.url);
  const stream = client.request({ ":method": "POST" }, true);
  const piece = Buffer.alloc(100_000, 7);
  let back = 0;
  stream.on("data", (chunk: Buffer) => {
    back += chunk.length;
    ahead = Math.max(ahead, received - back);
  });
  const ended = once(stream, "close");
  for (let sent = 0; sent < 50_000_000; sent += piece.length) {
    if (!stream.write(piece)) await once(stream, "drain");
  }
  stream.end();
  await ended;
  expect(back).toBe(50_000_000);
  expect(ahead).toBeLessThan(20_000_000);
});

test("a client that does not read holds the pod back, and no other request", async () => {
  let written = 0;
  await using pod = await Http2Pod.start((stream, headers) => {
    if (headers[":path"] === "/small") return stream.respond({ ":status": 200 }, { endStream: true });
    stream.respond({ ":status": 200 });
    const more = (): void => {
      while (written < 50_000_000) {
        written += 100_000;
        if (!stream.write(Buffer.alloc(100_000))) return void stream.once("drain", more);
      }
      stream.end();
    };
    more();
  });
  await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
  using client = await Http2Client.connect(h2c.url);
  const big = client.request({ ":path": "/big" });
  let before = -1;
  await until(async () => {
    const stuck = written > 0 && written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return stuck;
  });
  expect(written).toBeLessThan(5_000_000);
  expect((await client.ask({ ":path": "/small" })).status).toBe(200);
  expect((await answerOf(big)).body.length).toBe(50_000_000);
});

test.each([
  ["resets the stream", (stream: ClientHttp2Stream) => stream.close(8)],
  ["goes away", (stream: ClientHttp2Stream) => stream.session!.destroy()],
])("a client that %s whose answer is all here: nothing of it stays", async (_, leave) => {
  await using pod = await Http2Pod.start((stream) => {
    stream.respond({ ":status": 200 });
    stream.end(Buffer.alloc(200_000));
  });
  await using h2c = await PortPath.start("h2c", { dests: [pod.dest], config: { podIdleMs: 200 } });
  using client = await Http2Client.connect(h2c.url);
  // It never reads, so that most of the answer waits here.
  const stream = client.request();
  await until(() => pod.streams[0]?.closed === true, "the end of the answer at the pod");
  leave(stream);
  await until(() => h2c.path.inFlight === 0);
  expect(h2c.path.ended).toEqual([499]);
  await until(() => h2c.path.engine.connections === 0, "the idle connection to go");
});
