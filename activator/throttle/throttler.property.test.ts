import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Dest } from "#core/ports.ts";
import { revisionOf } from "../../test/helpers/revision.ts";
import type { Grant } from "./grant.ts";
import { Throttler } from "./throttler.ts";

const id = "default/hello";
const dest = (n: number): Dest => ({ key: `10.0.0.${n}:80`, host: `10.0.0.${n}`, ports: [80] });

type Step =
  | { readonly op: "come" | "go" | "try"; readonly which: number }
  | { readonly op: "abort"; readonly which: number }
  | { readonly op: "pods"; readonly pods: readonly number[] }
  | { readonly op: "activators"; readonly count: number; readonly index: number }
  | { readonly op: "settle" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom("come", "go", "try"), which: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("abort" as const), which: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("pods" as const),
      pods: fc.uniqueArray(fc.nat(5), { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        op: fc.constant("activators" as const),
        count: fc.integer({ min: 1, max: 4 }),
        index: fc.nat(3),
      })
      .filter((place) => place.index < place.count),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("settle" as const) }) },
);

/** Drives a throttler and keeps its own account of who is where. */
class World {
  readonly throttler = new Throttler();
  readonly revision;
  readonly running = new Set<Grant>();
  readonly waiting = new Map<number, AbortController>();
  readonly granted: number[] = [];
  #arrivals = 0;

  constructor(containerConcurrency: number) {
    this.revision = revisionOf({ containerConcurrency, queueDepth: 8 });
    this.throttler.configure(this.revision);
  }

  run(step: Step): unknown {
    switch (step.op) {
      case "come":
        return this.#come();
      case "go":
        return this.#go([...this.running][step.which % (this.running.size || 1)]);
      case "try":
        return this.#keep(this.throttler.reserve(this.revision));
      case "abort":
        return [...this.waiting.values()][step.which % (this.waiting.size || 1)]?.abort();
      case "pods":
        return this.throttler.update(id, step.pods.map(dest));
      case "activators":
        return this.throttler.setActivators(id, step);
      case "settle":
        return new Promise(setImmediate);
    }
  }

  /** Requests in each dest, by grants that were handed over. */
  loads(): number[] {
    const loads = new Map<string, number>();
    for (const { dest } of this.running) loads.set(dest.key, (loads.get(dest.key) ?? 0) + 1);
    return [...loads.values()];
  }

  #come(): void {
    const number = this.#arrivals++;
    const caller = new AbortController();
    this.waiting.set(number, caller);
    const left = () => this.waiting.delete(number);
    this.throttler.acquire(this.revision, { signal: caller.signal }).then(
      (grant) => {
        left();
        this.granted.push(number);
        this.#keep(grant);
      },
      () => left(),
    );
  }

  #go(grant: Grant | undefined): void {
    if (grant === undefined) return;
    this.running.delete(grant);
    grant[Symbol.dispose]();
  }

  #keep(grant: Grant | undefined): void {
    if (grant !== undefined) this.running.add(grant);
  }
}

test("pods and activators come and go: no pod above its limit, nobody overtaken, nothing lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 150 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, cc) => {
        const world = new World(cc);
        for (const s of steps) {
          await world.run(s);
          expect(Math.max(0, ...world.loads())).toBeLessThanOrEqual(cc);
          expect(world.throttler.snapshot(id).queued).toBeLessThanOrEqual(8);
        }
        await new Promise(setImmediate);
        expect(world.granted).toEqual(world.granted.toSorted((a, b) => a - b));
        expect(world.throttler.snapshot(id)).toMatchObject({
          inFlight: world.running.size,
          queued: world.waiting.size,
        });
        for (const grant of world.running) grant[Symbol.dispose]();
        world.throttler.setActivators(id, { count: 1, index: 0 });
        world.throttler.update(id, [0, 1, 2, 3, 4, 5, 6, 7].map(dest));
        expect(world.throttler.snapshot(id).queued).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("promises that interleave with updates in any order never see a pod above its limit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.uniqueArray(fc.nat(3), { maxLength: 3 }), { maxLength: 12 }),
      async (scheduler, sets) => {
        const world = new World(2);
        const request = async (): Promise<void> => {
          const grant = await world.throttler.acquire(world.revision, {
            signal: new AbortController().signal,
          });
          world.running.add(grant);
          expect(Math.max(...world.loads())).toBeLessThanOrEqual(2);
          await scheduler.schedule(Promise.resolve(), "work");
          world.running.delete(grant);
          grant[Symbol.dispose]();
        };
        const requests = [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
          scheduler.schedule(Promise.resolve(), `request ${n}`).then(request),
        );
        for (const pods of sets) {
          void scheduler
            .schedule(Promise.resolve(), "update")
            .then(() => world.throttler.update(id, pods.map(dest)));
        }
        await scheduler.waitAll();
        world.throttler.update(id, [0, 1].map(dest));
        const all = Promise.all(requests);
        await scheduler.waitFor(all);
        expect(world.throttler.snapshot(id)).toMatchObject({ queued: 0, inFlight: 0 });
      },
    ),
    { numRuns: 200 },
  );
});
