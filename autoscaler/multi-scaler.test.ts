import { expect, test } from "vitest";
import type { PodCounts, Scale } from "#core/ports.ts";
import {
  FakeWorkload,
  ID,
  beginLife,
  revisionOf,
  startLife,
  stat,
} from "../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../test/helpers/fake-clock.ts";

test("a change of annotations is followed at once, without losing the window", async () => {
  const { workload, report, revisions, clock } = await beginLife(1, { annotations: { target: "10" } });
  await report(70, 14);
  expect(workload.told).toBe(2);
  revisions.put(revisionOf({ target: "5" }));
  await clock.advance(0);
  await report(2, 14);
  expect(workload.told).toBe(4); // 14 ÷ 3.5, from the same seconds
  revisions.put(revisionOf({ target: "5", "max-scale": "3" }));
  await clock.advance(0);
  expect(workload.told).toBe(3);
  revisions.put(revisionOf({ target: "5", "min-scale": "6" }));
  await clock.advance(0);
  expect(workload.told).toBe(6);
});

test("a longer and a shorter window are followed with what was seen", async () => {
  const { report, revisions, clock, autoscaler } = await beginLife(1, { annotations: { window: "60s" } });
  await report(30, 70);
  await report(30, 0);
  revisions.put(revisionOf({ window: "30s" }));
  await report(2, 0);
  expect(autoscaler.explain(ID)!.decision).toMatchObject({ stable: 0, stableWindowSeconds: 30 });
  await clock.advance(0);
});

test("config-autoscaler is followed by every revision within a tick", async () => {
  const { feed, workload, report } = await beginLife(1);
  await report(70, 140);
  expect(workload.told).toBe(2);
  feed.feed({ "container-concurrency-target-default": "20" });
  await report(2, 140);
  expect(workload.told).toBe(10);
  feed.feed({ "container-concurrency-target-default": "none" });
  await report(4, 140);
  expect(workload.told).toBe(10);
});

test("scale-down-delay goes from 0 to something and back without a restart", async () => {
  const { feed, workload, report } = await beginLife(1, { annotations: { target: "10", window: "6s" } });
  feed.feed({ "scale-down-delay": "2m" });
  await report(90, 21);
  await report(100, 1);
  expect(workload.told).toBe(3);
  feed.feed({ "scale-down-delay": "0s" });
  await report(4, 1);
  expect(workload.told).toBe(1);
});

test("with --strict-knative a delay that was 0 at the start stays 0", async () => {
  const { feed, workload, report } = await beginLife(1, {
    annotations: { target: "10", window: "6s" },
    deps: { strictKnative: true },
  });
  await report(4, 21);
  feed.feed({ "scale-down-delay": "2m" });
  await report(90, 21);
  await report(40, 1);
  expect(workload.told).toBe(1);
});

test("panic is not lost when the config changes", async () => {
  const { feed, report, autoscaler, workload } = await beginLife(1, { annotations: { target: "10" } });
  await report(80, 7);
  await report(8, 70);
  const before = autoscaler.explain(ID)!.panic!;
  feed.feed({ "max-scale-up-rate": "10" });
  await report(6, 7);
  expect(autoscaler.explain(ID)!.panic).toEqual(before);
  expect(workload.told).toBe(before.pods);
});

test("other classes are left alone, also when only the config's default says so", async () => {
  const { clock, feed, revisions, autoscaler, workload } = await beginLife(1, {
    annotations: { class: "hpa.autoscaling.knative.dev" },
  });
  await clock.advance(200_000);
  expect([autoscaler.status(ID), workload.writes, workload.reads]).toEqual([undefined, [], 0]);
  revisions.put(revisionOf());
  expect(autoscaler.status(ID)).toBeDefined();
  feed.feed({ "pod-autoscaler-class": "hpa.autoscaling.knative.dev" });
  expect(autoscaler.status(ID)).toBeUndefined();
  feed.feed({ "pod-autoscaler-class": "kpa.autoscaling.knative.dev" });
  expect(autoscaler.status(ID)).toBeDefined();
});

test("one that appears is looked at at once, one that goes takes its labels with it", async () => {
  const { clock, revisions, workload, metric, registry, autoscaler, report } = await beginLife(0);
  const other = { ...revisionOf({ "min-scale": "2" }), id: "default/other", name: "other" };
  revisions.remove(ID);
  revisions.put(other);
  await clock.advance(0);
  expect(workload.writes).toEqual(["0 s: 0 to 2"]);
  expect(await metric("wanted_pods", { service: "default/other" })).toBe(2);
  expect(await metric("scale_changes_total", { service: "default/other" })).toBe(1);
  revisions.remove("default/other");
  await report(4, 1);
  expect(await registry.metrics()).not.toContain("default/other");
  expect(await metric("stats_total", { outcome: "unknown-service" })).toBe(4);
  await autoscaler.stop(AbortSignal.abort());
  await clock.advance(1000);
  expect(clock.pending).toBe(0);
});

test("only a changed number, ready pods or the sign of the burst capacity make it look at the workload", async () => {
  const { workload, report } = await beginLife(3, {
    annotations: { "min-scale": "3", "target-burst-capacity": "200" },
  });
  await report(70, 80);
  const reads = workload.reads;
  await report(60, 80);
  expect(workload.reads).toBe(reads);
  await report(8, 120); // floor(3 × 100 − 200 − 120) < 0, still 2 pods advised
  expect(workload.told).toBe(3);
  expect(workload.reads).toBe(reads + 1);
});

test("every 5 minutes it looks anyway, so that what another hand did does not last", async () => {
  const { clock, workload } = await beginLife(0);
  await clock.advance(40_000);
  workload.startMs = 1e9; // Never ready, so that nothing but the number itself tells.
  workload.set(3);
  const { reads } = workload;
  await clock.advance(250_000);
  expect(workload.reads).toBe(reads);
  // Seen at 300 s, kept for a window, then given up as one that never gets ready: 600 s and 30 s.
  await clock.advance(1_000_000);
  expect(workload.told).toBe(0);
});

test("a slow cluster is asked one question at a time per revision, and the last word counts", async () => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, 0);
  let open = 0;
  let most = 0;
  const slowly = async <T>(answer: () => Promise<T>): Promise<T> => {
    most = Math.max(most, ++open);
    await clock.sleep(3000);
    open--;
    return answer();
  };
  const scale: Scale = {
    wanted: () => slowly(() => workload.wanted()),
    pods: (): Promise<PodCounts> => slowly(() => workload.pods()),
    apply: (id, replicas, options) => slowly(() => workload.apply(id, replicas, options)),
  };
  const { autoscaler } = await startLife({
    clock,
    workload,
    annotations: { target: "10" },
    deps: { scale },
  });
  for (let i = 0; i < 120; i++) {
    autoscaler.receive("a", [stat(30, 30)]);
    await clock.advance(1000);
  }
  expect(most).toBe(1);
  expect(workload.told).toBe(5);
});

test("a stop in the middle of a question is the end: nothing is written any more", async () => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, 0);
  const scale: Scale = {
    wanted: () => clock.sleep(1000).then(() => workload.wanted()),
    pods: () => workload.pods(),
    apply: (id, replicas, options) => workload.apply(id, replicas, options),
  };
  const { autoscaler } = await startLife({ clock, workload, deps: { scale } });
  await clock.advance(10_000);
  autoscaler.receive("a", [stat(1, 1)]);
  await clock.advance(500);
  await autoscaler.stop(AbortSignal.abort());
  await clock.advance(10_000);
  expect(workload.writes).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("stopped and started again it begins anew", async () => {
  const { clock, autoscaler, workload, report } = await beginLife(0, { annotations: { target: "10" } });
  await autoscaler.stop(AbortSignal.abort());
  await report(5, 10);
  expect(workload.writes).toEqual([]);
  await autoscaler.start();
  await report(5, 10);
  expect(workload.told).toBe(2);
  await clock.advance(0);
});
