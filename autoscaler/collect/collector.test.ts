import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SECOND } from "#core/clock.ts";
import type { Stat } from "#core/stat.ts";
import { Collector, type MetricSpec } from "./collector.ts";
import { averageStats, isEmptyStat, sampleSize } from "./sample-stats.ts";

const ID = "default/hello";
const spec: MetricSpec = {
  stableWindow: 60 * SECOND,
  panicWindow: 6 * SECOND,
  algorithm: "",
  scraped: true,
};
const stat = (over: Partial<Stat> = {}): Stat => ({
  podName: "pod",
  averageConcurrentRequests: 0,
  averageProxiedConcurrentRequests: 0,
  requestCount: 0,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
  ...over,
});

const collecting = (over: Partial<MetricSpec> = {}) => {
  const collector = new Collector();
  collector.createOrUpdate(ID, { ...spec, ...over }, 0);
  return collector;
};

test("what is not collected is dropped and told", () => {
  const collector = new Collector();
  expect(collector.record(ID, 0, stat())).toBe(false);
  expect(collector.observe(ID, "concurrency", 0)).toEqual({ ok: false, reason: "notcollecting" });
});

test("silence is no data when pods are asked, and no load when only activators tell", () => {
  expect(collecting().observe(ID, "concurrency", 0)).toEqual({ ok: false, reason: "nodata" });
  expect(collecting({ scraped: false }).observe(ID, "concurrency", 0)).toEqual({
    ok: true,
    stable: 0,
    panic: 0,
  });
});

test("both metrics over both windows; any name but rps is concurrency", () => {
  const collector = collecting();
  for (let second = 0; second < 12; second++) {
    const load = second < 6 ? 2 : 4;
    collector.record(ID, second * SECOND, stat({ averageConcurrentRequests: load, requestCount: 10 * load }));
  }
  const now = 11 * SECOND;
  expect(collector.observe(ID, "concurrency", now)).toEqual({ ok: true, stable: 3, panic: 4 });
  expect(collector.observe(ID, "rps", now)).toEqual({ ok: true, stable: 30, panic: 40 });
  expect(collector.observe(ID, "queue-length", now)).toEqual(collector.observe(ID, "concurrency", now));
});

test("changed windows keep the data, the algorithm stays as it began", () => {
  const collector = collecting();
  collector.record(ID, 0, stat({ averageConcurrentRequests: 30 }));
  collector.createOrUpdate(ID, { ...spec, stableWindow: 30 * SECOND, algorithm: "weighted-exponential" }, 0);
  expect(collector.observe(ID, "concurrency", 0)).toEqual({ ok: true, stable: 1, panic: 30 });
});

test("what was deleted begins anew", () => {
  const collector = collecting();
  collector.record(ID, 0, stat({ averageConcurrentRequests: 30 }));
  collector.delete(ID);
  collector.createOrUpdate(ID, spec, 0);
  expect(collector.observe(ID, "concurrency", 0)).toEqual({ ok: false, reason: "nodata" });
});

/** `knative.md` 10.1, invariant 9. */
test("9: a request that an activator sent to a reporting pod counts once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (proxied, direct) => {
      const collector = collecting();
      const all = proxied + direct;
      const activator = { averageConcurrentRequests: proxied, requestCount: proxied };
      const pod = {
        averageConcurrentRequests: all,
        averageProxiedConcurrentRequests: proxied,
        requestCount: all,
        proxiedRequestCount: proxied,
      };
      collector.record(ID, 0, stat(activator));
      collector.record(ID, 0.5 * SECOND, stat(pod));
      expect(collector.observe(ID, "concurrency", 0)).toEqual({ ok: true, stable: all, panic: all });
      expect(collector.observe(ID, "rps", 0)).toEqual({ ok: true, stable: all, panic: all });
    }),
  );
});

/** `knative.md` 3.4. */
test.each([
  [-1, 0],
  [0, 0],
  [3, 3],
  [4, 4],
  [5, 4],
  [6, 5],
  [8, 6],
  [10, 7],
  [12, 7],
  [15, 8],
  [20, 9],
  [25, 10],
  [30, 11],
  [40, 12],
  [60, 13],
  [80, 14],
  [100, 14],
  [200, 15],
  [500, 15],
  [1000, 16],
])("of %i pods %i are asked", (population, want) => {
  expect(sampleSize(population)).toBe(want);
});

test("some pods stand for all; uptime does not", () => {
  const some = [
    stat({ averageConcurrentRequests: 2, processUptime: 9 }),
    stat({ averageConcurrentRequests: 4 }),
  ];
  expect(averageStats(some, 2, 10)).toEqual(
    stat({ podName: "service-scraper", averageConcurrentRequests: 30 }),
  );
});

test("a stat with nothing but a name is data, nothing at all is not", () => {
  expect(isEmptyStat(stat())).toBe(false);
  expect(isEmptyStat(stat({ podName: "" }))).toBe(true);
  expect(isEmptyStat(stat({ podName: "", timestamp: 1n }))).toBe(false);
});
