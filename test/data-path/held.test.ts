import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { FakeClock } from "../helpers/fake-clock.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const H = "Host: hello.default\r\n";
const get = `GET / HTTP/1.1\r\n${H}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const codeOf = ({ body }: RawMessage): string =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code;
const told = (answer: RawMessage) => [
  statusOf(answer),
  codeOf(answer),
  valueOf(answer.fields, "retry-after"),
];

const held = (path: DataPath, count: number) =>
  until(() => path.throttler.queued(path.revision.id) === count, `${count} requests that wait`);

describe("age", () => {
  test("before any start was seen only the Service's time limit counts", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.answering(ok);
    await using path = await DataPath.start({ clock, revision: { timeoutMs: 120_000 } });
    const client = await path.connect();
    client.send(get);
    await held(path, 1);
    await clock.advance(119_000);
    expect(client.received).toBe(0);
    path.setDests(pod.dest);
    expect(statusOf(await client.message())).toBe(200);
  });

  test.each([
    ["at least 10 s", 800, 10_000, "1"],
    ["3.5 times the usual start", 8000, 28_000, "8"],
  ])("while no pod is ready: %s", async (_, usualStartMs, limit, retryAfter) => {
    const clock = new FakeClock();
    await using path = await DataPath.start({ clock, usualStartMs });
    const client = await path.connect();
    client.send(get);
    await held(path, 1);
    await clock.advance(limit - 100);
    expect(client.received).toBe(0);
    await clock.advance(200);
    expect(told(await client.message())).toEqual([503, "held_too_long", retryAfter]);
    expect(path.throttler.queued(path.revision.id)).toBe(0);
    expect(path.ended).toEqual([503]);
  });

  test("busy pods are no slow start", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.start(() => {});
    await using path = await DataPath.start({
      clock,
      usualStartMs: 500,
      dests: [pod.dest],
      revision: { containerConcurrency: 1, timeoutMs: 60_000 },
    });
    const [first, second] = [await path.connect(), await path.connect()];
    first.send(get);
    await until(() => path.throttler.snapshot(path.revision.id).inFlight === 1);
    second.send(get);
    await held(path, 1);
    await clock.advance(45_000);
    expect(second.received).toBe(0);
    path.setDests();
    await clock.advance(10_100);
    expect(told(await second.message())).toEqual([503, "held_too_long", "1"]);
  });

  test("as the annotation says, also where pods are busy", async () => {
    const clock = new FakeClock();
    await using pod = await ScriptedPod.start(() => {});
    const revision = { containerConcurrency: 1, queueTimeoutMs: 2000 };
    await using path = await DataPath.start({ clock, dests: [pod.dest], revision });
    const [first, second] = [await path.connect(), await path.connect()];
    first.send(get);
    await until(() => path.throttler.snapshot(path.revision.id).inFlight === 1);
    second.send(get);
    await held(path, 1);
    await clock.advance(2100);
    expect(told(await second.message())).toEqual([503, "held_too_long", "1"]);
    expect(first.received).toBe(0);
  });
});

/** Whether nothing more leaves the socket, some still being there. */
const stalled = async (socket: Socket): Promise<boolean> => {
  const before = socket.writableLength;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return before > 0 && before === socket.writableLength;
};

describe("bytes and count", () => {
  const post = (size: number) => `POST / HTTP/1.1\r\n${H}Content-Length: ${size}\r\n\r\n${"x".repeat(size)}`;

  test("a Service whose requests hold too much: 503, and room again when one has left", async () => {
    await using pod = await ScriptedPod.answering(ok);
    await using path = await DataPath.start({ config: { maxHeldBytesPerService: 100_000 } });
    const [first, second, third] = [await path.connect(), await path.connect(), await path.connect()];
    first.send(post(60_000));
    await held(path, 1);
    second.send(post(60_000));
    expect(told(await second.message())).toEqual([503, "queue_full", "1"]);
    third.send(get);
    await held(path, 2);
    first.reset();
    await held(path, 1);
    const fourth = await path.connect();
    fourth.send(post(60_000));
    await held(path, 2);
    path.setDests(pod.dest);
    expect(statusOf(await third.message())).toBe(200);
    expect(statusOf(await fourth.message())).toBe(200);
  });

  test.each([
    ["bytes", { maxHeldBytes: 100_000 }, post(60_000)],
    ["count", { maxHeld: 1 }, get],
  ])("all Services together, by %s: 429", async (_, config, request) => {
    await using path = await DataPath.start({ config });
    const [first, second] = [await path.connect(), await path.connect()];
    first.send(request);
    await held(path, 1);
    second.send(request);
    expect(told(await second.message())).toEqual([429, "overloaded", "1"]);
    expect(path.woken).toBe(1);
  });

  test("no more is read of a body that waits than is counted", async () => {
    await using path = await DataPath.start();
    const client = await path.connect();
    client.send(`POST / HTTP/1.1\r\n${H}Content-Length: 100000000\r\n\r\n`);
    for (let i = 0; i < 1000; i++) client.send(Buffer.alloc(100_000));
    await held(path, 1);
    // What has left the client is in the system's buffers, but for one stream buffer.
    await until(() => stalled(client.socket), "the client to be held");
    expect(client.socket.writableLength).toBeGreaterThan(80_000_000);
  });
});
