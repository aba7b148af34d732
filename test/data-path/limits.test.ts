import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { FakeClock } from "../helpers/fake-clock.ts";
import { type RawMessage, statusOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const get = "GET / HTTP/1.1\r\nHost: hello.default\r\n\r\n";
const codeOf = ({ body }: RawMessage): string =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code;

/** A pod that says nothing, and notes that it was asked. */
const mute = () => ScriptedPod.start(async (connection) => void (await connection.head()));
/** A pod that begins an answer and says no more. */
const halting = () =>
  ScriptedPod.start(async (connection) => {
    await connection.head();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
const asked = (pod: ScriptedPod) =>
  until(() => (pod.connections[0]?.received ?? 0) > 0, "the request at the pod");

describe("total", () => {
  test("while no pod is there: never ready", async () => {
    const clock = new FakeClock();
    await using path = await DataPath.start({ clock, revision: { timeoutMs: 5000 } });
    const client = await path.connect();
    client.send(get);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    await clock.advance(4900);
    expect(client.received).toBe(0);
    await clock.advance(200);
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([504, "never_ready"]);
    expect(path.throttler.queued(path.revision.id)).toBe(0);
    client.send(get);
    await until(() => path.throttler.queued(path.revision.id) === 1);
  });

  test("while every pod is busy: queue timeout", async () => {
    const clock = new FakeClock();
    await using pod = await mute();
    await using path = await DataPath.start({
      clock,
      dests: [pod.dest],
      revision: { timeoutMs: 5000, containerConcurrency: 1 },
    });
    const [first, second] = [await path.connect(), await path.connect()];
    first.send(get);
    await asked(pod);
    await clock.advance(1000);
    second.send(get);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    await clock.advance(4100);
    expect(codeOf(await first.message())).toBe("request_timeout");
  });

  test("while the pod works: request timeout, and the pod's connection is cut", async () => {
    const clock = new FakeClock();
    await using pod = await mute();
    await using path = await DataPath.start({ clock, dests: [pod.dest], revision: { timeoutMs: 5000 } });
    const client = await path.connect();
    client.send(get);
    await asked(pod);
    await clock.advance(5100);
    const answer = await client.message();
    expect([statusOf(answer), codeOf(answer)]).toEqual([504, "request_timeout"]);
    await pod.connections[0]!.seeClosed();
    expect(path.ended).toEqual([504]);
    expect(path.suspected).toEqual([]);
  });

  test("after the answer began: the connection is cut, nothing is added to the body", async () => {
    const clock = new FakeClock();
    await using pod = await halting();
    await using path = await DataPath.start({ clock, dests: [pod.dest], revision: { timeoutMs: 5000 } });
    const client = await path.connect();
    client.send(get);
    await client.see("hello");
    await clock.advance(5100);
    await client.seeClosed();
    expect(client.text.endsWith("5\r\nhello\r\n")).toBe(true);
    expect(path.ended).toEqual([504]);
  });
});

describe("response start", () => {
  test("ends a request whose answer has not begun", async () => {
    const clock = new FakeClock();
    await using pod = await mute();
    await using path = await DataPath.start({
      clock,
      dests: [pod.dest],
      revision: { responseStartTimeoutMs: 1000 },
    });
    const client = await path.connect();
    client.send(get);
    await asked(pod);
    await clock.advance(1100);
    expect(codeOf(await client.message())).toBe("response_start_timeout");
  });

  test("leaves one alone whose answer has", async () => {
    const clock = new FakeClock();
    await using pod = await halting();
    await using path = await DataPath.start({
      clock,
      dests: [pod.dest],
      revision: { responseStartTimeoutMs: 1000 },
    });
    const client = await path.connect();
    client.send(get);
    await client.see("hello");
    await clock.advance(20_000);
    pod.connections[0]!.send("0\r\n\r\n");
    expect((await client.message()).body.toString()).toBe("hello");
  });
});

describe("idle", () => {
  test("ends a request on which the pod falls silent; each byte gives it more time", async () => {
    const clock = new FakeClock();
    await using pod = await halting();
    await using path = await DataPath.start({ clock, dests: [pod.dest], revision: { idleTimeoutMs: 1000 } });
    const client = await path.connect();
    client.send(get);
    await client.see("hello");
    for (let i = 0; i < 4; i++) {
      await clock.advance(700);
      pod.connections[0]!.send(`1\r\n${i}\r\n`);
      await client.see(`1\r\n${i}\r\n`);
    }
    await clock.advance(1100);
    await client.seeClosed();
    expect(path.ended).toEqual([504]);
  });

  test("does not count the wait for a pod", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await using path = await DataPath.start({ clock, revision: { idleTimeoutMs: 1000 } });
    const client = await path.connect();
    client.send(get);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    await clock.advance(10_000);
    path.setDests(pod.dest);
    expect(statusOf(await client.message())).toBe(200);
  });

  test("does not count the time in which the client does not read", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.head();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
      connection.send(Buffer.alloc(20_000_000, "x"));
    });
    await using path = await DataPath.start({ clock, dests: [pod.dest], revision: { idleTimeoutMs: 1000 } });
    const client = await path.connect();
    client.socket.pause();
    client.send(get);
    await until(() => stalled(pod), "back-pressure at the pod");
    await clock.advance(10_000);
    expect(path.ended).toEqual([]);
    client.socket.resume();
    expect((await client.message()).body.length).toBe(20_000_000);
  });
});

test("no limit leaves a timer behind", async () => {
  const clock = new FakeClock();
  await using pod = await ScriptedPod.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const revision = { responseStartTimeoutMs: 1000, idleTimeoutMs: 1000 };
  await using path = await DataPath.start({ clock, dests: [pod.dest], revision });
  const client = await path.connect();
  for (let i = 0; i < 20; i++) {
    client.send(get);
    await client.message();
  }
  // One for the client's connection, and one for the pod's.
  expect(path.wheel.count).toBeLessThanOrEqual(2);
  client.end();
  await client.seeClosed();
  await clock.advance(60_000);
  await until(() => path.wheel.count === 0);
  await clock.advance(1000);
  expect(clock.pending).toBe(0);
});

/** Whether the pod's bytes have stopped leaving it, some still being there. */
const stalled = async (pod: ScriptedPod): Promise<boolean> => {
  const socket = pod.connections[0]?.socket;
  if (socket === undefined || socket.writableLength === 0) return false;
  const before = socket.bytesWritten - socket.writableLength;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return socket.writableLength > 0 && before === socket.bytesWritten - socket.writableLength;
};
