import { describe, expect, test } from "vitest";
import { DataPath } from "../../helpers/data-path.ts";
import { FakeClock } from "../../helpers/fake-clock.ts";
import { statusOf } from "../../helpers/raw-socket.ts";
import { ScriptedPod } from "../../helpers/scripted-pod.ts";
import { until } from "../../helpers/until.ts";

const H = "Host: hello.default\r\n";
const get = `GET / HTTP/1.1\r\n${H}\r\n`;
const mute = () => ScriptedPod.start(async (connection) => void (await connection.head()));
const asked = (pod: ScriptedPod) =>
  until(() => (pod.connections[0]?.received ?? 0) > 0, "the request at the pod");

describe.each([
  ["the general engine", false],
  ["the lane", true],
])("%s", (_, lane) => {
  test("a head that comes byte by byte has no more time than any other", async () => {
    await using path = await DataPath.start({ config: { lane, headTimeoutMs: 400 } });
    const client = await path.connect();
    const drip = setInterval(() => client.send("a"), 20);
    client.send(`GET / HTTP/1.1\r\n${H}X-A: `);
    try {
      expect(statusOf(await client.message())).toBe(408);
      await client.seeClosed();
    } finally {
      clearInterval(drip);
    }
    expect(path.inFlight).toBe(0);
  });

  test("a body that comes byte by byte has the Service's time", async () => {
    const clock = new FakeClock();
    await using pod = await mute();
    const revision = { timeoutMs: 5000, idleTimeoutMs: 2000 };
    await using path = await DataPath.start({ clock, config: { lane }, dests: [pod.dest], revision });
    const client = await path.connect();
    client.send(`POST / HTTP/1.1\r\n${H}Content-Length: 1000\r\n\r\n`);
    await asked(pod);
    client.send("a");
    await pod.connections[0]!.see("a");
    await clock.advance(5100);
    expect(statusOf(await client.message())).toBe(504);
    // What it still drips is read for a while, and then no more.
    client.send("b");
    await clock.advance(6000);
    await client.seeClosed();
    await pod.connections[0]!.seeClosed();
    expect(path.inFlight).toBe(0);
  });

  test("a client that does not read its answer has the Service's time", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
      connection.send(Buffer.alloc(50_000_000, "x"));
    });
    const revision = { timeoutMs: 5000 };
    await using path = await DataPath.start({ clock, config: { lane }, dests: [pod.dest], revision });
    const client = await path.connect();
    client.socket.pause();
    client.send(get);
    await until(() => path.inFlight === 1);
    await asked(pod);
    // Most of the answer has not left the pod, and does not.
    const { socket } = pod.connections[0]!;
    let left = -1;
    await until(async () => {
      const same = left === socket.writableLength;
      left = socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return same;
    }, "the pod to be held");
    expect(left).toBeGreaterThan(25_000_000);
    await clock.advance(5100);
    await until(() => path.inFlight === 0, "the end of the request");
    await pod.connections[0]!.seeClosed();
  });

  test("a pod whose head comes byte by byte has the time until its answer begins", async () => {
    const clock = new FakeClock();
    await using pod = await mute();
    const revision = { responseStartTimeoutMs: 3000, idleTimeoutMs: 2000 };
    await using path = await DataPath.start({ clock, config: { lane }, dests: [pod.dest], revision });
    const client = await path.connect();
    client.send(get);
    await asked(pod);
    for (const byte of "HTT") {
      pod.connections[0]!.send(byte);
      await clock.advance(900);
    }
    await clock.advance(500);
    expect(statusOf(await client.message())).toBe(504);
    await pod.connections[0]!.seeClosed();
  });

  test("a client that has closed its side gives its place in the queue back", async () => {
    await using path = await DataPath.start({ config: { lane } });
    const client = await path.connect();
    client.send(get);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    client.end();
    await until(() => path.throttler.queued(path.revision.id) === 0 && path.inFlight === 0);
    expect(path.ended).toEqual([499]);
  });

  test("a client that says nothing at all is cut", async () => {
    const clock = new FakeClock();
    await using path = await DataPath.start({ clock, config: { lane } });
    const client = await path.connect();
    await until(() => path.listener.connections === 1);
    await clock.advance(130_000);
    await client.seeClosed();
    expect(client.received).toBe(0);
  });

  test("a pod's endless 1xx do not pile up for a client that does not read", async () => {
    const one = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      for (let i = 0; i < 50; i++) connection.send(one.repeat(1000));
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    await using path = await DataPath.start({ config: { lane }, dests: [pod.dest] });
    const client = await path.connect();
    client.send(get);
    let informed = 0;
    let answer = await client.message();
    for (; statusOf(answer) === 103; answer = await client.message()) informed++;
    expect([statusOf(answer), informed]).toEqual([200, 100]);
  });
});
