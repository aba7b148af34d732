import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { nanosOf } from "#core/clock.ts";
import { knativeRules } from "#core/divergences.ts";
import type { Stat } from "#core/stat.ts";
import { FakeWorkload, ID, revisionOf, startLife, stat } from "../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../test/helpers/fake-clock.ts";
import { Collector } from "./collect/collector.ts";
import { decide, initialState } from "./decide/autoscaler.ts";
import { Reporters } from "./receive/reporters.ts";
import { Resolver } from "./resolver.ts";
import { metricSpec } from "./subject.ts";

const WINDOW_MS = 6000;
const annotations = { window: "6s", target: "10", "max-scale": "20" };

/** What happens in one second of a life. */
const second = fc.record({
  a: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 5 }),
  b: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 2 }),
  fault: fc.oneof(
    { weight: 12, arbitrary: fc.constant("none" as const) },
    { weight: 1, arbitrary: fc.constantFrom("pods" as const, "wanted" as const, "apply" as const) },
    { weight: 1, arbitrary: fc.constant("restart" as const) },
    { weight: 1, arbitrary: fc.constant("other hand" as const) },
  ),
});

test("whatever is lost or fails, pods only ever go down on a full window of evidence, and never out of bounds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(second, { minLength: 20, maxLength: 80 }), async (seconds) => {
      const clock = new FakeClock();
      const workload = new FakeWorkload(clock, 2);
      const begin = () => startLife({ clock, workload, annotations });
      let life = await begin();
      let began = clock.now();
      /** By reporter: when it was last heard, and whether with load. */
      const last = new Map<string, { at: number; loaded: boolean }>();
      let lastLoad = -Infinity;
      const wrong: string[] = [];
      workload.onWrite = (from, to) => {
        const now = clock.now();
        const say = (what: string): number => wrong.push(`${from} to ${to} at ${now - began} ms: ${what}`);
        if (to < 0 || to > 20) say("out of bounds");
        if (to >= from) return;
        if (workload.failing.pods !== undefined) say("pods are not known");
        if (now - began < WINDOW_MS) say("no full window was seen");
        const silent = [...last.values()].filter(({ at, loaded }) => loaded && now - at > 2500);
        if (silent.some(({ at }) => now - at < WINDOW_MS)) say("a reporter is missing");
        if (to === 0 && now - lastLoad < WINDOW_MS - 1000) say("there was load");
      };
      for (const { a, b, fault } of seconds) {
        workload.failing =
          fault === "pods" || fault === "wanted" || fault === "apply" ? { [fault]: new Error(fault) } : {};
        if (fault === "restart") {
          await life.autoscaler.stop(AbortSignal.abort());
          life = await begin();
          began = clock.now();
          last.clear();
        }
        if (fault === "other hand") workload.set((workload.told + 3) % 7);
        for (const [name, load] of Object.entries({ a, b })) {
          if (load === undefined) continue;
          life.send(load, load, name);
          last.set(name, { at: clock.now(), loaded: load > 0 });
          if (load > 0) lastLoad = clock.now();
        }
        await clock.advance(1000);
      }
      await life.autoscaler.stop(AbortSignal.abort());
      expect(wrong).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("by Knative's rules the shell adds nothing: each tick's advice is that of collector and decision alone", async () => {
  const loads = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 10, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(loads, async (list) => {
      const clock = new FakeClock();
      const workload = new FakeWorkload(clock, 1);
      workload.startMs = 0;
      const { autoscaler } = await startLife({ clock, workload, annotations, deps: { strictKnative: true } });
      const { settings, spec } = new Resolver(knativeRules).resolve(revisionOf(annotations), defaultConfig);
      const collector = new Collector();
      collector.createOrUpdate(ID, metricSpec(settings), nanosOf(clock.now()));
      let state = undefined as ReturnType<typeof initialState> | undefined;
      for (const [i, load] of list.entries()) {
        autoscaler.receive("a", [stat(load, load)]);
        collector.record(ID, nanosOf(clock.now()), stat(load, load).stat);
        const ready = workload.ready;
        await clock.advance(1000);
        if (i % 2 === 0) continue;
        const now = nanosOf(clock.now());
        const values = collector.observe(ID, "concurrency", now);
        if (!values.ok) throw new Error(values.reason);
        const observed = { readyPods: ready, stable: values.stable, panic: values.panic };
        const result = decide(
          spec,
          observed,
          { state: state ?? initialState(spec, ready, now), now },
          knativeRules,
        );
        state = result.state;
        const { decision, panic } = autoscaler.explain(ID)!;
        expect(decision).toMatchObject({ ...observed, desired: result.advice.desired });
        expect(panic !== undefined).toBe(result.advice.panicking);
      }
    }),
    { numRuns: 60 },
  );
});

test("missing are exactly those whose last word was a load, 2.5 s to a window ago", () => {
  const word = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    load: fc.constantFrom(0, 0, 1, 5),
    pauseMs: fc.integer({ min: 0, max: 4000 }),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const reporters = new Reporters();
      const model = new Map<string, { at: number; load: number }>();
      let now = 0;
      for (const { name, load, pauseMs } of words) {
        reporters.heard({ podName: name, averageConcurrentRequests: load, requestCount: 0 } as Stat, now);
        model.set(name, { at: now, load });
        now += pauseMs;
        const expected = [...model]
          .filter(([, { at, load: last }]) => last > 0 && now - at > 2500 && now - at <= WINDOW_MS)
          .map(([missing]) => missing);
        const missing = reporters.missing(now, WINDOW_MS).map(({ name: found }) => found);
        expect(missing.toSorted((x, y) => (x < y ? -1 : 1))).toEqual(
          expected.toSorted((x, y) => (x < y ? -1 : 1)),
        );
      }
    }),
  );
});
