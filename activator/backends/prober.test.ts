import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { PodServer } from "../../test/helpers/pod-server.ts";
import { until } from "../../test/helpers/until.ts";
import { pauseAfter, startProber } from "./prober.ts";

const tcp = { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 1000 } as const;

const wished = { urgent: () => true, wanted: () => true, onUnwanted: () => undefined };

test.each([
  [0, true, 2],
  [200, true, 2],
  [1000, true, 10],
  [5000, true, 50],
  [60_000, true, 50],
  [5000, false, 50],
  [60_000, false, 600],
  [600_000, false, 1000],
])("after %i ms (urgent: %s) the next attempt is %i ms away", (elapsed, urgent, want) => {
  expect(pauseAfter(elapsed, urgent)).toBe(want);
});

test("a dest is ready as soon as it accepts, once", async () => {
  await using pod = await PodServer.start("closed");
  let ready = 0;
  startProber({
    clock: systemClock,
    dest: pod.dest,
    probe: tcp,
    ...wished,
    onReady: () => ready++,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ready).toBe(0);
  await pod.open();
  await until(() => ready > 0, "the dest to be ready");
  const { accepted } = pod;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([ready, pod.accepted]).toEqual([1, accepted]);
});

test("after the first attempt it is quiet for as long as told; how long it took is told unless it was at once", async () => {
  await using pod = await PodServer.start("closed");
  const clock = new FakeClock();
  const waits: (number | undefined)[] = [];
  const begin = (quietMs: number): Disposable =>
    startProber({ clock, dest: pod.dest, probe: tcp, ...wished, quietMs, onReady: (ms) => waits.push(ms) });
  using _prober = begin(60);
  await until(() => clock.pending > 0, "the first attempt");
  await pod.open();
  await clock.advance(59);
  expect([waits, pod.accepted]).toEqual([[], 0]);
  await clock.advance(1);
  await until(() => waits.length > 0, "the dest to be ready");
  begin(60);
  await until(() => waits.length > 1, "the dest to be ready at once");
  expect(waits).toEqual([60, undefined]);
});

test("a prober that is disposed asks no more and says nothing", async () => {
  await using pod = await PodServer.start("closed");
  const clock = new FakeClock();
  let ready = 0;
  const prober = startProber({
    clock,
    dest: pod.dest,
    probe: tcp,
    ...wished,
    onReady: () => ready++,
  });
  await until(() => clock.pending > 0, "the first attempt");
  prober[Symbol.dispose]();
  await pod.open();
  await clock.advance(10_000);
  expect([ready, pod.accepted, clock.pending]).toEqual([0, 0, 0]);
});

test("a prober that is no longer wanted ends by itself", async () => {
  await using pod = await PodServer.start("closed");
  let wanted = true;
  const ended: string[] = [];
  startProber({
    clock: systemClock,
    dest: pod.dest,
    probe: tcp,
    urgent: () => true,
    wanted: () => wanted,
    onUnwanted: () => ended.push("unwanted"),
    onReady: () => ended.push("ready"),
  });
  wanted = false;
  await until(() => ended.length > 0, "the prober to end");
  await pod.open();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([ended, pod.accepted]).toEqual([["unwanted"], 0]);
});

test("a far dest is found by the patient lane, when quick connections take too long", async () => {
  // Time runs out for the quick lane before the network is looked at; the patient one has a second.
  const server = createServer((socket) => void socket.resume());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const clock = new FakeClock();
  let ready = 0;
  startProber({
    clock,
    dest: { key: "far", host: "127.0.0.1", ports: [port] },
    probe: tcp,
    ...wished,
    onReady: () => ready++,
  });
  await clock.advance(50);
  await until(() => ready > 0, "the dest to be ready");
  expect(ready).toBe(1);
  expect(clock.pending).toBe(0);
  server.close();
});
