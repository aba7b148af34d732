import { expect, test } from "vitest";
import { ID, beginLife } from "../test/helpers/autoscaler-world.ts";

/** Whole lives of a revision at exact times (`knative.md` 10.5, 10.6). Seconds count from the start. */

test("a request wakes it at once, silence takes it back after window, activity and 3 s", async () => {
  const { clock, workload, state, send } = await beginLife(0);
  await clock.advance(10_000);
  expect(state()).toBe("inactive");
  send(1, 1); // The activator's immediate report of a first request.
  await clock.advance(0);
  expect(workload.writes).toEqual(["10 s: 0 to 1"]);
  expect(state()).toBe("activating");
  await clock.advance(1000);
  send(0.3, 0);
  await clock.advance(1000);
  expect(state()).toBe("active"); // Ready since 10.7, seen at the tick of 12.
  send(0, 0);
  // Second 11 leaves the window at 71, so the tick of 72 sees zero; it is then active for 60 s.
  await clock.advance(59_999);
  expect(state()).toBe("active");
  await clock.advance(1);
  expect(state()).toBe("inactive");
  await clock.advance(2999);
  expect(workload.told).toBe(1);
  await clock.advance(1);
  expect(workload.writes).toEqual(["10 s: 0 to 1", "75 s: 1 to 0"]);
  await clock.advance(3_600_000);
  expect(workload.writes).toHaveLength(2);
});

test("the activator that holds the first request goes first; what it does not do is done after its turn", async () => {
  const { clock, workload, send } = await beginLife(0, { deps: { activatorsTurn: 50 } });
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(49);
  expect(workload.writes).toEqual([]);
  await clock.advance(1);
  expect(workload.writes).toEqual(["10.05 s: 0 to 1"]);
});

test("what the activator did in its turn is not done again", async () => {
  const { clock, workload, send } = await beginLife(0, { deps: { activatorsTurn: 50 } });
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(20);
  await workload.apply(ID, 1);
  await clock.advance(1000);
  expect(workload.writes).toEqual(["10.02 s: 0 to 1"]);
});

test("a pod that is ready only when the load has long gone is active for a window, and then goes", async () => {
  const { clock, workload, state, send } = await beginLife(0, { annotations: { window: "6s" } });
  workload.startMs = 20_500;
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(1000);
  send(0, 0);
  await clock.advance(19_000);
  expect(state()).toBe("activating");
  await clock.advance(20_000);
  // Ready at 30.5, seen at the tick of 32; a window on it is inactive, and looked at again 3 s later.
  expect(workload.writes).toEqual(["10 s: 0 to 1", "41 s: 1 to 0"]);
});

test("scale-to-zero-pod-retention-period keeps the last pod so long after it became inactive", async () => {
  const { clock, workload, send } = await beginLife(0, {
    annotations: { "scale-to-zero-pod-retention-period": "5m" },
  });
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(0);
  await clock.advance(1000);
  send(0, 0);
  await clock.advance(600_000);
  expect(workload.writes).toEqual(["10 s: 0 to 1", "372 s: 1 to 0"]);
});

test("a request during the grace period makes it active again, and nothing is written", async () => {
  const { clock, workload, state, send } = await beginLife(0, {
    annotations: { "scale-to-zero-pod-retention-period": "1m" },
  });
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(0);
  await clock.advance(1000);
  send(0, 0);
  await clock.advance(70_000);
  expect(state()).toBe("inactive");
  send(1, 1);
  await clock.advance(0);
  expect(state()).toBe("active");
  expect(workload.writes).toEqual(["10 s: 0 to 1"]);
});

test("one that was found running and idle: a full window, then 30 s of grace since it is routed", async () => {
  const short = await beginLife(1, { annotations: { window: "6s" } });
  await short.clock.advance(120_000);
  // Active since the tick of 2, inactive at 8, looked at again at 11; proxied for 30 s at 30.
  expect(short.workload.writes).toEqual(["30 s: 1 to 0"]);
  const usual = await beginLife(1);
  await usual.clock.advance(120_000);
  expect(usual.workload.writes).toEqual(["65 s: 1 to 0"]);
});

test("load: pods go to ceil(load ÷ target), stay there, halve their way down to zero", async () => {
  const { clock, workload, report, send, autoscaler } = await beginLife(0, { annotations: { target: "10" } });
  await clock.advance(10_000);
  send(1, 1);
  await report(120, 40);
  expect(workload.told).toBe(6); // ceil(40 / 7)
  const writes = workload.writes.length;
  await report(300, 40);
  expect(workload.writes).toHaveLength(writes);
  send(0, 0);
  await clock.advance(50_000);
  expect(workload.told).toBe(6);
  await clock.advance(30_000);
  expect(workload.writes.slice(writes).map((write) => write.replace(/.*: /, ""))).toEqual([
    "6 to 5", // The trailing zero weighs more as the window empties.
    "5 to 3",
    "3 to 1",
    "1 to 0",
  ]);
  expect(autoscaler.status(ID)!.state).toBe("inactive");
});

test("panic: a burst is followed within a tick and the pods never decrease for a stable window", async () => {
  const { clock, workload, report, autoscaler } = await beginLife(1, { annotations: { target: "10" } });
  await report(70, 7);
  expect(workload.told).toBe(1);
  const before = workload.writes.length;
  await report(8, 70);
  expect(autoscaler.status(ID)!.panicking).toBe(true);
  expect(workload.told).toBeGreaterThanOrEqual(10);
  const peak = workload.told;
  await report(50, 1);
  expect(workload.told).toBe(peak);
  const steps = workload.writes
    .slice(before)
    .map((write) => / (\d+) to (\d+)/.exec(write)!.slice(1).map(Number));
  expect(steps.every(([from, to]) => from! < to!)).toBe(true);
  await report(120, 1);
  expect(autoscaler.status(ID)!.panicking).toBe(false);
  expect(workload.told).toBe(1);
  await clock.advance(0);
});

test("min-scale is kept without any request, max-scale with any number", async () => {
  const { clock, workload, report } = await beginLife(0, {
    annotations: { "min-scale": "2", "max-scale": "3", target: "1" },
  });
  await clock.advance(2000);
  expect(workload.writes).toEqual(["2 s: 0 to 2"]);
  await report(30, 50);
  expect(workload.told).toBe(3);
  await clock.advance(600_000);
  expect(workload.told).toBe(2);
});

test("initial-scale counts until it was reached once, not after a restart at zero", async () => {
  const fresh = await beginLife(1, { annotations: { "initial-scale": "3" } });
  await fresh.clock.advance(4000);
  expect(fresh.workload.writes).toEqual(["2 s: 1 to 3"]);
  await fresh.clock.advance(200_000);
  expect(fresh.workload.told).toBe(0);
  const idle = await beginLife(0, { annotations: { "initial-scale": "3" } });
  await idle.clock.advance(10_000);
  expect(idle.workload.writes).toEqual([]);
});

test("activation-scale is what a first request brings", async () => {
  const { clock, workload, send } = await beginLife(0, { annotations: { "activation-scale": "4" } });
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(0);
  expect(workload.writes).toEqual(["10 s: 0 to 4"]);
});

test("enable-scale-to-zero false keeps one pod for ever", async () => {
  const { clock, workload } = await beginLife(1, { config: { "enable-scale-to-zero": "false" } });
  await clock.advance(3_600_000);
  expect(workload.writes).toEqual([]);
});

test("a pod that never gets ready is given up after progress deadline and 30 s", async () => {
  const { clock, workload, send, state } = await beginLife(0);
  workload.startMs = 1e9;
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(1000);
  send(0, 0);
  await clock.advance(628_000);
  expect(state()).toBe("activating");
  await clock.advance(72_000);
  expect(workload.told).toBe(0);
  expect(state()).toBe("inactive");
});

test("rps: requests per second over 140 each", async () => {
  const { clock, workload, autoscaler } = await beginLife(1, { annotations: { metric: "rps" } });
  for (let i = 0; i < 70; i++) {
    autoscaler.receive("a", [
      {
        id: ID,
        stat: {
          podName: "a",
          averageConcurrentRequests: 1,
          averageProxiedConcurrentRequests: 0,
          requestCount: 500,
          proxiedRequestCount: 0,
          processUptime: 0,
          timestamp: 0n,
        },
      },
    ]);
    await clock.advance(1000);
  }
  expect(workload.told).toBe(4);
});
