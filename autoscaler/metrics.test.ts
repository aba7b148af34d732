import { expect, test } from "vitest";
import { ID, beginLife } from "../test/helpers/autoscaler-world.ts";

test("metrics tell what an explanation tells", async () => {
  const { metric, report, autoscaler, clock } = await beginLife(1, { annotations: { target: "10" } });
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
  const { clock, workload, metric, send, report } = await beginLife(0, { annotations: { target: "10" } });
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
