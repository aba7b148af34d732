import { expect, test } from "vitest";
import { FakeWorkload, ID, type LifeOptions, startLife } from "../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../test/helpers/fake-clock.ts";

const begin = async (told: number, options: Omit<LifeOptions, "clock" | "workload"> = {}) => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, told);
  const life = await startLife({ clock, workload, ...options });
  const metric = async (name: string, labels: Record<string, string> = {}): Promise<number | undefined> => {
    const { values } = await life.registry.getSingleMetric(`pilotlight_autoscaler_${name}`)!.get();
    const same = (have: object): boolean =>
      Object.entries(labels).every(([key, value]) => (have as Record<string, string>)[key] === value);
    return values.find((value) => same(value.labels))?.value;
  };
  return { clock, workload, metric, ...life };
};

test("metrics tell what an explanation tells", async () => {
  const { metric, report, autoscaler, clock } = await begin(1, { annotations: { target: "10" } });
  await report(70, 14);
  const labels = { service: ID };
  const read = await Promise.all(
    [
      "wanted_pods",
      "told_pods",
      "ready_pods",
      "stable_value",
      "panic_value",
      "target_value",
      "panic_mode",
    ].map((name) => metric(name, labels)),
  );
  expect(read).toEqual([2, 2, 2, 14, 14, 7, 0]);
  expect(await metric("excess_burst_capacity", labels)).toBe(
    autoscaler.explain(ID)!.decision!.excessBurstCapacity,
  );
  expect(await metric("scale_changes_total", { direction: "up" })).toBe(1);
  expect(await metric("stats_total", { outcome: "recorded" })).toBe(70);
  await clock.advance(0);
});

test("failures and the causes of changes are counted per Service", async () => {
  const { clock, workload, metric, send, report } = await begin(0, { annotations: { target: "10" } });
  await clock.advance(10_000);
  expect(await metric("failures_total")).toBeUndefined();
  workload.failing.wanted = new Error("gone");
  send(1, 1);
  await clock.advance(0);
  expect(await metric("failures_total", { service: ID })).toBe(1);
  delete workload.failing.wanted;
  await report(4, 1);
  expect(await metric("scale_changes_total", { direction: "up", cause: "load" })).toBe(1);
  send(0, 0);
  await clock.advance(200_000);
  expect(await metric("scale_changes_total", { direction: "down", cause: "idle" })).toBe(1);
  expect(await metric("scale_changes_total", { direction: "down", cause: "load" })).toBeUndefined();
});
