import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NANOS_PER_MS } from "#core/clock.ts";
import { podStat } from "./pod-stat.ts";
import { RequestStats } from "./request-stats.ts";
import { RevisionLoad, type Entered, type Load } from "./revision-load.ts";

const ID = "default/hello";

/** Times in ms, as in `knative.md` appendix A.4. Returns every load that was told. */
const run = (...steps: (readonly ["in" | "out" | "tick", number])[]): [number, number][] => {
  const load = new RevisionLoad();
  const under: Entered[] = [];
  const told: Load[] = [];
  for (const [step, ms] of steps) {
    const now = ms * NANOS_PER_MS;
    if (step === "in") {
      const entered = load.enter(ID, now);
      under.push(entered);
      if (entered.first !== undefined) told.push(entered.first);
    } else if (step === "out") load.leave(under.shift()!, now);
    else told.push(...load.report(now));
  }
  return told.map(({ concurrency, requestCount }) => [concurrency, requestCount]);
};

describe("A.4", () => {
  test.each<[string, Parameters<typeof run>, [number, number][]]>([
    ["1", [["in", 0]], [[1, 1]]],
    [
      "2",
      [
        ["in", 0],
        ["out", 1],
        ["in", 1],
        ["out", 2],
        ["tick", 2],
      ],
      [
        [1, 1],
        [0, 1],
      ],
    ],
    [
      "3",
      [
        ["in", 0],
        ["in", 0],
        ["tick", 1],
        ["tick", 2],
      ],
      [
        [1, 1],
        [1, 1],
        [2, 0],
      ],
    ],
    [
      "4",
      [
        ["in", 0],
        ["out", 1],
        ["tick", 1],
        ["tick", 2],
        ["in", 3],
      ],
      [
        [1, 1],
        [0, 0],
        [0, 0],
        [1, 1],
      ],
    ],
    [
      "5",
      [
        ["in", 0],
        ["in", 0],
        ["out", 1],
        ["out", 2],
        ["tick", 2],
      ],
      [
        [1, 1],
        [0.5, 1],
      ],
    ],
    [
      "6",
      [
        ["in", 0],
        ["in", 0],
        ["in", 0],
        ["tick", 1],
      ],
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      "7",
      [
        ["in", 0],
        ["out", 0],
        ["in", 0],
        ["out", 0],
        ["in", 0],
        ["out", 0],
        ["tick", 1],
      ],
      [
        [1, 1],
        [0, 2],
      ],
    ],
  ])("case %s", (_, steps, want) => {
    expect(run(...steps)).toEqual(want);
  });
});

/** `knative.md` 10.1, invariant 8. */
test("8: the counts that are told sum up to the arrivals, and the last word before silence is zero", () => {
  const step = fc.tuple(fc.constantFrom("in", "out", "tick"), fc.integer({ min: 0, max: 999 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const load = new RevisionLoad();
      const under: Entered[] = [];
      let [now, arrivals, told] = [0, 0, 0];
      let last: Load | undefined;
      const hear = (loads: readonly Load[]) => {
        for (const one of loads) {
          told += one.requestCount;
          last = one;
        }
      };
      const tick = () => {
        hear(load.report(now));
        expect(told).toBe(arrivals);
        if (load.ids().length === 0 && last !== undefined) expect(last.concurrency).toBe(0);
      };
      for (const [kind, ms] of steps) {
        now += ms * NANOS_PER_MS;
        if (kind === "in") {
          const entered = load.enter(ID, now);
          under.push(entered);
          arrivals++;
          hear(entered.first === undefined ? [] : [entered.first]);
        } else if (kind === "out" && under.length > 0) load.leave(under.pop()!, now);
        else if (kind === "tick") tick();
      }
      for (const entered of under) load.leave(entered, now);
      for (let i = 0; i < 3; i++) {
        now += 1000 * NANOS_PER_MS;
        tick();
      }
      expect(load.ids()).toEqual([]);
    }),
  );
});

describe("request stats", () => {
  const MS = NANOS_PER_MS;

  test("two requests of half a second one after the other are one at a time", () => {
    const stats = new RequestStats(0);
    stats.requestIn(0);
    stats.requestOut(500 * MS);
    stats.requestIn(500 * MS);
    stats.requestOut(1000 * MS);
    expect(stats.report(1000 * MS)).toEqual({
      averageConcurrency: 1,
      averageProxiedConcurrency: 0,
      requestCount: 2,
      proxiedRequestCount: 0,
    });
  });

  test("proxied requests are counted in both", () => {
    const stats = new RequestStats(0);
    stats.proxiedIn(0);
    stats.requestIn(0);
    stats.proxiedOut(250 * MS);
    expect(stats.report(1000 * MS)).toEqual({
      averageConcurrency: 1.25,
      averageProxiedConcurrency: 0.25,
      requestCount: 2,
      proxiedRequestCount: 1,
    });
  });

  test("a clock that goes back adds nothing and takes nothing away", () => {
    const stats = new RequestStats(0);
    stats.requestIn(1000 * MS);
    stats.requestIn(500 * MS);
    expect(stats.report(2000 * MS).averageConcurrency).toBe(1);
  });

  test("no time, no average", () => {
    const stats = new RequestStats(0);
    stats.requestIn(0);
    expect(stats.report(0)).toMatchObject({ averageConcurrency: 0, requestCount: 1 });
  });

  test("what a pod serves: its name until the first report, then rates", () => {
    expect(podStat("p", undefined)).toMatchObject({ podName: "p", requestCount: 0, processUptime: 0 });
    const report = {
      averageConcurrency: 2,
      averageProxiedConcurrency: 1,
      requestCount: 9,
      proxiedRequestCount: 3,
    };
    expect(podStat("p", { report, period: 3000 * MS, uptime: 1500 * MS })).toEqual({
      podName: "p",
      averageConcurrentRequests: 2,
      averageProxiedConcurrentRequests: 1,
      requestCount: 3,
      proxiedRequestCount: 1,
      processUptime: 1.5,
      timestamp: 0n,
    });
  });
});
