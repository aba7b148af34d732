import { expect, test } from "vitest";
import { FakeWorkload, ID, type LifeOptions, startLife } from "../../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";

const begin = async (told: number, options: Omit<LifeOptions, "clock" | "workload"> = {}) => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, told);
  const life = await startLife({ clock, workload, ...options });
  const blockers = () =>
    life.autoscaler.explain(ID)!.zeroBlockedBy.map(({ code, seconds }) => `${code} ${seconds ?? "-"}`);
  return { clock, workload, blockers, ...life };
};

test("nobody it does not know is explained", async () => {
  const { autoscaler } = await begin(0);
  expect(autoscaler.explain("default/other")).toBeUndefined();
  expect(autoscaler.status("default/other")).toBeUndefined();
});

test("an active revision: the numbers from load to pods, and the seconds until zero", async () => {
  const { clock, autoscaler, report, send, blockers } = await begin(1, { annotations: { target: "10" } });
  await report(120, 12);
  const { decision, wanted, told, state } = autoscaler.explain(ID)!;
  expect({ wanted, told, state }).toEqual({ wanted: 2, told: 2, state: "active" });
  expect(decision).toMatchObject({
    metric: "concurrency",
    stable: 12,
    panic: 12,
    stableWindowSeconds: 60,
    panicWindowSeconds: 6,
    target: 7,
    total: 10,
    readyPods: 2,
    rawStable: 2,
    rawPanic: 2,
    maxUp: 2000,
    maxDown: 1,
    desired: 2,
  });
  expect(blockers()).toEqual(["stable-window 59"]);
  send(0, 0);
  await clock.advance(20_000);
  expect(blockers()).toEqual(["stable-window 39"]);
  expect(autoscaler.explain(ID)!.text).toBe(
    [
      "default/hello: 2 pods wanted, active since 140 s ago",
      "  pods      2 ready, 0 not ready, 0 pending, 0 terminating; the workload is told 2; bounds 0 to no limit",
      "  observed  concurrent requests: 11.7 over 60 s = 2 pods; 0 over 6 s = 0 pods (0 s ago)",
      "  target    7 per pod, of 10 that it can take",
      "  limits    1 to 2000 at once from 2 ready",
      "  advised   2 pods; excess burst capacity -191",
      "  reporters 0 with load",
      "  zero when stable-window: 11.7 on average over the last 60 s; the last load was 21 s ago (39 s more)",
    ].join("\n"),
  );
});

test("panic: since when, until when, how many pods it holds", async () => {
  const { autoscaler, report, blockers } = await begin(1, { annotations: { target: "10" } });
  await report(80, 7);
  await report(10, 70);
  const { panic, text } = autoscaler.explain(ID)!;
  expect(panic!.pods).toBeGreaterThanOrEqual(10);
  expect(panic!.until - panic!.since).toBe(60_000);
  expect(text).toMatch(
    /panic {5}holds \d+ pods, last over the threshold of 2 × ready [\d.]+ s ago, ends in [\d.]+ s/,
  );
  expect(blockers().some((blocker) => blocker.startsWith("panic "))).toBe(true);
});

test("what keeps the last pod: activity, then grace or retention, each with its seconds", async () => {
  const { clock, blockers } = await begin(1, {
    annotations: { window: "6s", "scale-to-zero-pod-retention-period": "1m" },
  });
  await clock.advance(2000);
  expect(blockers()).toEqual(["active-window 6", "window-not-full 4"]);
  await clock.advance(7000);
  expect(blockers()).toEqual(["pod-retention 59"]);
  await clock.advance(60_000);
  expect(blockers()).toEqual([]);
});

test("settings that forbid zero come first and have no end", async () => {
  const { clock, blockers } = await begin(1, {
    annotations: { "min-scale": "1" },
    config: { "enable-scale-to-zero": "false" },
  });
  await clock.advance(90_000);
  expect(blockers()).toEqual(["scale-to-zero-off -", "min-scale -"]);
});

test("bounds that were applied are told with their numbers", async () => {
  const { autoscaler, report } = await begin(1, { annotations: { target: "1", "max-scale": "3" } });
  await report(70, 20);
  expect(autoscaler.explain(ID)!.limits).toEqual(["max-scale 3, not 29"]);
  expect(autoscaler.status(ID)!.reason).toContain("max-scale 3, not 29");
});

test("the scale-down delay that holds pods is told", async () => {
  const { autoscaler, report, blockers } = await begin(1, {
    annotations: { target: "10", window: "6s", "scale-down-delay": "5m" },
  });
  await report(90, 21);
  await report(100, 1);
  expect(autoscaler.status(ID)!.desired).toBe(3);
  expect(blockers()).toContain("scale-down-delay 300");
  expect(autoscaler.status(ID)!.reason).toContain("scale-down-delay keeps 3");
});

test("an error that keeps it from being scaled is told with the time of the next try", async () => {
  const { clock, workload, send, autoscaler } = await begin(0);
  await clock.advance(10_000);
  workload.failing.apply = new Error('deployments.apps "hello" is forbidden');
  send(1, 1);
  await clock.advance(100);
  const { lastError, text } = autoscaler.explain(ID)!;
  expect(lastError).toMatchObject({ times: 1, text: 'deployments.apps "hello" is forbidden' });
  expect(text).toContain(
    'error     deployments.apps "hello" is forbidden (1 in a row, 0.1 s ago; again in 0.4 s)',
  );
});
