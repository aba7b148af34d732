import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Breaker, type BreakerLimits } from "./breaker.ts";
import { Slots } from "./slots.ts";

const full = new Error("full");
const never = new AbortController().signal;

const breakerOf = (capacity: number, limits: Partial<BreakerLimits> = {}) => {
  const slots = new Slots(capacity);
  const breaker = new Breaker<Slots>(
    { waiting: Infinity, inFlight: Infinity, ...limits },
    { take: () => (slots.reserve() ? slots : undefined) },
    () => full,
  );
  const release = () => {
    slots.release();
    breaker.release();
  };
  const update = (n: number) => {
    slots.update(n);
    breaker.drain();
  };
  return { slots, breaker, release, update };
};

test("a slot that is free is given in the same tick", async () => {
  const { breaker, slots } = breakerOf(1);
  const promise = breaker.acquire({ signal: never });
  expect(slots.taken).toBe(1);
  expect(await promise).toBe(slots);
});

test("reserve does not overtake those who wait", () => {
  const { breaker, update } = breakerOf(0);
  void breaker.acquire({ signal: never });
  expect(breaker.reserve()).toBeUndefined();
  update(1);
  expect(breaker.running).toBe(1);
  expect(breaker.reserve()).toBeUndefined();
  update(2);
  expect(breaker.reserve()).toBeDefined();
});

test("a slot that has become free and was not given out yet belongs to the first who waits", async () => {
  const { breaker, slots } = breakerOf(0);
  const order: string[] = [];
  const first = breaker.acquire({ signal: never }).then(() => order.push("first"));
  slots.update(1);
  expect(breaker.reserve()).toBeUndefined();
  const second = breaker.acquire({ signal: never }).then(() => order.push("second"));
  expect(breaker.running).toBe(0);
  slots.update(2);
  breaker.drain();
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});

test("too many who wait are turned away at once, those who wait stay", async () => {
  const { breaker, update } = breakerOf(1, { waiting: 1 });
  await breaker.acquire({ signal: never });
  const second = breaker.acquire({ signal: never });
  await expect(breaker.acquire({ signal: never })).rejects.toBe(full);
  update(2);
  await second;
});

test("with a queue depth of 0 nobody waits, but free slots are given", async () => {
  const { breaker } = breakerOf(1, { waiting: 0 });
  await breaker.acquire({ signal: never });
  await expect(breaker.acquire({ signal: never })).rejects.toBe(full);
});

test("a signal that has aborted already takes no place", async () => {
  const { breaker } = breakerOf(1);
  const reason = new Error("gone");
  await expect(breaker.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(breaker.inFlight).toBe(0);
});

test("the place of one who aborts is free in the same tick, wherever it was in the queue", async () => {
  const { breaker } = breakerOf(0, { waiting: 3 });
  const callers = [1, 2, 3].map(() => new AbortController());
  const outcomes = callers.map((caller) => breaker.acquire({ signal: caller.signal }).catch(() => "aborted"));
  callers[1]!.abort();
  expect(breaker.waiting).toBe(2);
  callers[2]!.abort();
  callers[0]!.abort();
  expect(breaker.waiting).toBe(0);
  expect(await Promise.all(outcomes)).toEqual(["aborted", "aborted", "aborted"]);
});

test("one whose signal aborts after the grant, before it goes on, still owns the slot", async () => {
  const { breaker, slots, update } = breakerOf(0);
  const caller = new AbortController();
  const promise = breaker.acquire({ signal: caller.signal });
  update(1);
  caller.abort();
  expect(await promise).toBe(slots);
  expect(breaker.running).toBe(1);
});

test("one who comes back goes ahead of those who never had a slot, behind others who came back", async () => {
  const { breaker, release, update } = breakerOf(0);
  const order: string[] = [];
  const enter = (name: string, avoid?: ReadonlySet<string>) =>
    breaker.acquire({ signal: never, ...(avoid && { avoid }) }).then(() => order.push(name));
  const all = [enter("new 1"), enter("new 2"), enter("back 1", new Set("a")), enter("back 2", new Set("b"))];
  update(1);
  for (let i = 0; i < 3; i++) {
    await Promise.resolve();
    release();
  }
  await Promise.all(all);
  expect(order).toEqual(["back 1", "back 2", "new 1", "new 2"]);
});

test("rejecting everyone who waits leaves what runs alone", async () => {
  const { breaker } = breakerOf(1);
  await breaker.acquire({ signal: never });
  const waiting = [1, 2].map(() => breaker.acquire({ signal: never }));
  const reason = new Error("cannot start");
  breaker.rejectAll(reason);
  for (const promise of waiting) await expect(promise).rejects.toBe(reason);
  expect([breaker.running, breaker.waiting]).toEqual([1, 0]);
});

type Step =
  | { readonly op: "acquire" | "finish" | "reserve" | "settle" }
  | { readonly op: "abort"; readonly which: number }
  | { readonly op: "update"; readonly capacity: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant("acquire" as const) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom("finish", "reserve", "settle") }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("abort" as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("update" as const), capacity: fc.nat(5) }) },
);

// knative.md 10.1 (7), with order of arrival on top
test("whatever happens: capacity is kept, waiting is bounded, nobody is overtaken, nobody waits beside a free slot", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120 }),
      fc.nat(4),
      fc.nat(6),
      async (steps, first, depth) => {
        const { breaker, slots, release, update } = breakerOf(first, { waiting: depth });
        const granted: number[] = [];
        const waiting = new Map<number, AbortController>();
        let arrivals = 0;
        let allowed = first;
        const act: Record<Step["op"], (step: Step) => unknown> = {
          acquire: () => {
            const number = arrivals++;
            const caller = new AbortController();
            waiting.set(number, caller);
            breaker.acquire({ signal: caller.signal }).then(
              () => waiting.delete(number) && granted.push(number),
              () => waiting.delete(number),
            );
          },
          finish: () => breaker.running > 0 && release(),
          reserve: () => breaker.reserve(),
          settle: () => new Promise(setImmediate),
          abort: (s) => s.op === "abort" && [...waiting.values()][s.which % (waiting.size || 1)]?.abort(),
          update: (s) => s.op === "update" && update(s.capacity),
        };
        for (const s of steps) {
          const before = breaker.running;
          await act[s.op](s);
          allowed = Math.max(slots.capacity, Math.min(before, breaker.running));
          expect(breaker.running).toBe(slots.taken);
          expect(breaker.running).toBeLessThanOrEqual(allowed);
          expect(breaker.waiting).toBeLessThanOrEqual(depth);
          if (breaker.waiting > 0) expect(breaker.running).toBeGreaterThanOrEqual(slots.capacity);
        }
        await new Promise(setImmediate);
        expect(granted).toEqual(granted.toSorted((a, b) => a - b));
        expect(waiting.size).toBe(breaker.waiting);
      },
    ),
    { numRuns: 300 },
  );
});
