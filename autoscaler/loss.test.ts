import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { encodeStats } from "#core/stat-codec.ts";
import { FakeWorkload, ID, type LifeOptions, startLife, stat } from "../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../test/helpers/fake-clock.ts";
import { until } from "../test/helpers/until.ts";

/** What is not known never takes a pod away. */

const begin = async (told: number, options: Omit<LifeOptions, "clock" | "workload"> = {}) => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, told);
  const annotations = { target: "10", ...options.annotations };
  return { clock, workload, ...(await startLife({ clock, workload, ...options, annotations })) };
};

test("a restart keeps what it finds, with and without stats", async () => {
  const silent = await begin(6);
  await silent.clock.advance(59_999);
  expect(silent.workload.writes).toEqual([]);
  const { report, workload } = await begin(6);
  await report(300, 40);
  expect(workload.writes).toEqual([]);
});

test("an activator that vanishes under load holds the pods for a window", async () => {
  const { clock, workload, send, report, autoscaler } = await begin(1);
  const both = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      send(38, 38, "a");
      await report(1, 2, "b");
    }
  };
  await both(120);
  expect(workload.told).toBe(6);
  const writes = workload.writes.length;
  await report(58, 2, "b"); // a's last word was at 119.
  expect(workload.writes).toHaveLength(writes);
  expect(autoscaler.explain(ID)!.reporters.missing).toEqual(["a"]);
  expect(autoscaler.status(ID)!.reason).toContain("fell silent with requests under way: a");
  await report(10, 2, "b");
  expect(workload.told).toBeLessThan(6);
  await clock.advance(0);
});

test("without that rule the same silence takes pods away within the window", async () => {
  const { workload, send, report } = await begin(1, { deps: { strictKnative: true } });
  for (let i = 0; i < 120; i++) {
    send(38, 38, "a");
    await report(1, 2, "b");
  }
  expect(workload.told).toBe(6);
  await report(58, 2, "b");
  expect(workload.told).toBeLessThan(6);
});

test("when it reports again, or had said its zero, the averages decide", async () => {
  const back = await begin(1);
  for (let i = 0; i < 120; i++) {
    back.send(38, 38, "a");
    await back.report(1, 2, "b");
  }
  await back.report(20, 2, "b");
  for (let i = 0; i < 20; i++) {
    back.send(1, 1, "a");
    await back.report(1, 2, "b");
  }
  expect(back.workload.told).toBeLessThan(6);
  const finished = await begin(1);
  for (let i = 0; i < 120; i++) {
    finished.send(38, 38, "a");
    await finished.report(1, 2, "b");
  }
  finished.send(0, 0, "a");
  await finished.report(45, 2, "b");
  expect(finished.workload.told).toBeLessThan(6);
});

test("pods that another hand started are kept for a window, although no load is known", async () => {
  const { clock, workload } = await begin(0);
  await clock.advance(100_000);
  workload.set(2); // An activator that cannot reach us woke it.
  await clock.advance(61_000);
  expect(workload.told).toBe(2);
  await clock.advance(60_000);
  expect(workload.told).toBe(0);
});

test("by Knative's own rules one is taken away as soon as they are seen", async () => {
  const { clock, workload } = await begin(0, { deps: { strictKnative: true } });
  await clock.advance(100_000);
  workload.set(2);
  await clock.advance(8000);
  expect(workload.told).toBe(1);
});

test("pods that cannot be counted: no decision, and it says so", async () => {
  const { clock, workload, send, report, autoscaler, events } = await begin(0);
  await clock.advance(10_000);
  workload.failing.pods = new Error("the server is currently unable to handle the request");
  send(1, 1);
  await report(10, 40);
  expect(workload.writes).toEqual([]);
  expect(autoscaler.explain(ID)!.lastError!.text).toContain("unable to handle");
  expect(events.some(({ kind }) => kind === "scale-failed")).toBe(true);
  delete workload.failing.pods;
  await report(4, 40);
  expect(workload.told).toBeGreaterThan(1);
  expect(autoscaler.explain(ID)!.lastError).toBeUndefined();
});

test("a write that fails is tried again after 0.5, 1, 2, 4 s … 30 s at most", async () => {
  const { clock, workload, send, events } = await begin(0);
  await clock.advance(9000);
  workload.failing.apply = new Error("conflict in etcd");
  send(1, 1);
  await clock.advance(0);
  await clock.advance(58_000);
  const waits = events.flatMap((event) => (event.kind === "scale-failed" ? [event.retryMs] : []));
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
  expect(workload.told).toBe(0);
  delete workload.failing.apply;
  send(1, 1);
  await clock.advance(31_000);
  expect(workload.told).toBe(1);
});

test("a conflict is read again and decided again", async () => {
  const { clock, workload, send } = await begin(0);
  await clock.advance(10_000);
  workload.beforeApply = () => {
    workload.beforeApply = undefined;
    workload.set(1); // The activator was faster.
  };
  send(1, 1);
  await clock.advance(0);
  expect(workload.told).toBe(1);
  expect(workload.writes).toEqual([]);
});

test("one who changes it all the time is not fought in a loop", async () => {
  const { clock, workload, send, autoscaler } = await begin(0);
  await clock.advance(10_000);
  let other = 5;
  workload.beforeApply = () => workload.set((other = 11 - other));
  send(60, 60);
  await clock.advance(0);
  expect(workload.reads).toBeLessThan(10);
  expect(autoscaler.explain(ID)!.lastError!.text).toContain("somebody else");
});

test("while no activator is connected nothing goes down, and then a full window is awaited", async () => {
  const { clock, workload, autoscaler } = await begin(3, {
    deps: { listen: { host: "127.0.0.1", port: 0 } },
  });
  await clock.advance(600_000);
  expect(workload.told).toBe(3);
  expect(autoscaler.status(ID)!.reason).toContain("no activator is connected");
  const socket = new WebSocket(`ws://127.0.0.1:${autoscaler.statPort!}`);
  await until(() => socket.readyState === WebSocket.OPEN);
  socket.send(encodeStats([stat(0, 0)]));
  await until(
    () =>
      autoscaler.explain(ID)!.limits.every((limit) => !limit.includes("no activator")) ||
      clock.advance(2000).then(() => false),
  );
  await clock.advance(50_000);
  expect(workload.told).toBe(3);
  await clock.advance(80_000);
  expect(workload.told).toBe(0);
  socket.terminate();
  await autoscaler.stop(AbortSignal.timeout(20_000));
  expect(clock.pending).toBe(0);
});
