import { once } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { describe, expect, test } from "vitest";
import { Http2Client, answerOf } from "../helpers/http2-client.ts";
import { Http2Pod } from "../helpers/http2-pod.ts";
import { PodServer } from "../helpers/pod-server.ts";
import { PortPath } from "../helpers/port-path.ts";
import { statusOf, valueOf } from "../helpers/raw-socket.ts";
import { until } from "../helpers/until.ts";

const echo = (stream: ServerHttp2Stream): void => {
  stream.respond({ ":status": 200, "x-pod": "1" }, { waitForTrailers: true });
  let trailers = {};
  stream.on("trailers", (given) => (trailers = { "x-echo": given["x-up"] }));
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.pipe(stream);
};

describe("a port that speaks HTTP/2", () => {
  test("an HTTP/1.1 client is answered, with trailers both ways", async () => {
    await using pod = await Http2Pod.start(echo);
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    const client = await h2c.connect();
    client.send(
      "POST /a HTTP/1.1\r\nHost: h:1\r\nTransfer-Encoding: chunked\r\nTrailer: X-Up\r\nTE: trailers\r\n",
    );
    client.send("Connection: keep-alive, TE\r\n\r\n5\r\nhello\r\n0\r\nX-Up: 3\r\n\r\n");
    const answer = await client.message();
    expect([answer.first, answer.body.toString()]).toEqual(["HTTP/1.1 200 OK", "hello"]);
    expect([valueOf(answer.fields, "x-pod"), answer.trailers]).toEqual(["1", ["x-echo", "3"]]);
    const { sentHeaders } = pod.streams[0]!;
    expect(sentHeaders[":status"]).toBe(200);
  });

  test("the head is what the client sent, and no field of its connection", async () => {
    const seen: string[][] = [];
    await using pod = await Http2Pod.start((stream, _headers, raw) => {
      seen.push(raw);
      stream.respond({ ":status": 204 }, { endStream: true });
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    const old = await h2c.connect();
    old.send(
      "GET /x?y HTTP/1.1\r\nHost: h:1\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-Own: a\r\nX-Own: b\r\n\r\n",
    );
    expect(statusOf(await old.message())).toBe(204);
    using client = await Http2Client.connect(h2c.url);
    expect((await client.ask({ ":path": "/x?y", "x-own": ["a", "b"] })).status).toBe(204);
    for (const [i, authority] of ["h:1", "hello.default"].entries()) {
      const head = Object.groupBy(
        seen[i]!.flatMap((name, at) => (at % 2 === 0 ? [[name, seen[i]![at + 1]!] as const] : [])),
        ([name]) => name,
      );
      const values = Object.fromEntries(
        Object.entries(head).map(([name, pairs]) => [name, pairs!.map(([, value]) => value).join()]),
      );
      expect(values).toEqual({
        ":method": "GET",
        ":scheme": "http",
        ":authority": authority,
        ":path": "/x?y",
        "x-own": "a,b",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": authority,
      });
    }
  });

  test("many requests share one connection, and a second one is made only when the pod takes no more", async () => {
    const held: ServerHttp2Stream[] = [];
    const hold = (stream: ServerHttp2Stream) => void held.push(stream);
    await using pod = await Http2Pod.start(hold);
    await using narrow = await Http2Pod.start(hold, { settings: { maxConcurrentStreams: 10 } });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    const answerAll = async (answers: Promise<{ status: number }>[]) => {
      await until(() => held.length === answers.length);
      for (const stream of held.splice(0)) stream.respond({ ":status": 200 }, { endStream: true });
      for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    };
    await answerAll(Array.from({ length: 100 }, () => client.ask()));
    expect(pod.sessions.length).toBe(1);
    h2c.path.setDests(narrow.dest);
    await answerAll([client.ask()]);
    await answerAll(Array.from({ length: 25 }, () => client.ask()));
    expect(narrow.sessions.length).toBe(3);
  });

  test("early hints come first, and an answer that is only a head stays one", async () => {
    await using pod = await Http2Pod.start((stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true });
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    const stream = client.request();
    let flags = 0;
    stream.on("response", (_headers, given) => (flags = given));
    expect(await answerOf(stream)).toMatchObject({ informed: [103], headers: { "grpc-status": "5" } });
    expect(flags & 1).toBe(1);
  });

  test("a client's reset goes on to the pod, also while the pod sends", async () => {
    await using pod = await Http2Pod.start((stream) => {
      stream.respond({ ":status": 200 });
      stream.write("begin");
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    const stream = client.request({ ":method": "POST" }, true);
    stream.write("up");
    await once(stream, "data");
    stream.close(8);
    await until(() => pod.streams[0]!.rstCode === 8);
    await until(() => h2c.path.inFlight === 0);
    expect(h2c.path.ended).toEqual([499]);
    expect(pod.sessions[0]!.destroyed).toBe(false);
  });

  test.each([
    ["before its answer, the client gets 502", false],
    ["within its answer, the client is reset", true],
  ])("a pod that resets %s", async (_, within) => {
    await using pod = await Http2Pod.start((stream) => {
      if (!within) return stream.close(2);
      // Else node would send the end before the reset.
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.write("half", () => stream.close(2));
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    const answer = client.ask({}, "a body, so that nobody tries again");
    if (within) await expect(answer).rejects.toThrow("reset with");
    else expect((await answer).status).toBe(502);
    await until(() => h2c.path.ended.length === 1);
    expect([h2c.path.ended, h2c.path.suspected]).toEqual([[502], []]);
  });

  test("what a pod refuses unseen is offered again, a body or not", async () => {
    await using pod = await Http2Pod.start((stream) => {
      if (pod.streams.length === 1) return stream.close(7);
      echo(stream);
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    expect((await client.ask()).status).toBe(200);
    expect(h2c.path.retries).toBe(1);
  });

  test("a pod that says GOAWAY answers what it has, and the next request gets a new connection", async () => {
    const held: ServerHttp2Stream[] = [];
    await using pod = await Http2Pod.start((stream) => {
      if (held.push(stream) > 1) echo(stream);
    });
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest] });
    using client = await Http2Client.connect(h2c.url);
    const first = client.ask();
    await until(() => held.length === 1);
    pod.sessions[0]!.close();
    await until(async () => (await client.ask()).status === 200 && pod.sessions.length === 2);
    held[0]!.respond({ ":status": 200 }, { endStream: true });
    expect((await first).status).toBe(200);
  });

  test("refused connections go to another pod; with none it is 502", async () => {
    await using dead = await PodServer.start("closed");
    await using pod = await Http2Pod.start(echo);
    await using h2c = await PortPath.start("h2c", { dests: [dead.dest] });
    using client = await Http2Client.connect(h2c.url);
    expect((await client.ask({}, "a")).status).toBe(502);
    h2c.path.setDests(dead.dest, pod.dest);
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask({}, "a")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test("an idle connection to a pod is closed", async () => {
    await using pod = await Http2Pod.start(echo);
    await using h2c = await PortPath.start("h2c", { dests: [pod.dest], config: { podIdleMs: 200 } });
    using client = await Http2Client.connect(h2c.url);
    expect((await client.ask()).status).toBe(200);
    await until(() => pod.sessions[0]!.destroyed);
    expect(h2c.path.engine.connections).toBe(0);
    expect((await client.ask()).status).toBe(200);
  });
});

test("requests are held until the first pod, and go out on one connection", async () => {
  await using pod = await Http2Pod.start(echo);
  await using h2c = await PortPath.start("h2c");
  using client = await Http2Client.connect(h2c.url);
  const answers = Array.from({ length: 50 }, () => client.ask({}, "held"));
  await until(() => h2c.path.throttler.queued(h2c.path.revision.id) === 50);
  h2c.path.setDests(pod.dest);
  for (const { body } of await Promise.all(answers)) expect(body.toString()).toBe("held");
  expect(pod.sessions.length).toBe(1);
});
