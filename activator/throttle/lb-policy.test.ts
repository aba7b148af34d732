import * as fc from "fast-check";
import { expect, test } from "vitest";
import { firstAvailable, policyFor, randomChoice2, roundRobin, type Target } from "./lb-policy.ts";
import { Slots, UNLIMITED } from "./slots.ts";

class Pod implements Target {
  readonly name: string;
  readonly slots: Slots;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.slots = new Slots(capacity);
  }

  get inFlight(): number {
    return this.slots.taken;
  }

  reserve(): boolean {
    return this.slots.reserve();
  }
}

const podsOf = (capacities: readonly number[]): Pod[] => capacities.map((n, i) => new Pod(`p${i}`, n));

test("random choice of two: nothing from nothing, and the only one there is", () => {
  const pick = randomChoice2(() => 0.5);
  expect(pick([])).toBeUndefined();
  expect(pick(podsOf([UNLIMITED]))?.name).toBe("p0");
});

test("random choice of two never compares a pod with itself and takes the less loaded", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (count, numbers) => {
        let drawn = 0;
        const all = podsOf(Array.from({ length: count }, () => UNLIMITED));
        // All but one are loaded: if two different ones are compared, a loaded one loses whenever the other is in.
        const busy = all.slice(1);
        for (const pod of busy) pod.reserve();
        const chosen = randomChoice2(() => numbers[drawn++ % 3]!)(all);
        expect(chosen?.inFlight).toBe(chosen === all[0] ? 1 : 2);
        if (count === 2) expect(chosen).toBe(all[0]);
      },
    ),
  );
});

test("a coin decides between two pods alike", () => {
  expect(randomChoice2(() => 0.4)(podsOf([9, 9]))?.name).toBe("p0");
  expect(randomChoice2(() => 0.6)(podsOf([9, 9]))?.name).toBe("p1");
});

test("random choice of two spreads requests that last evenly", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const pods = podsOf(Array.from({ length: 10 }, () => UNLIMITED));
  const pick = randomChoice2(random);
  for (let i = 0; i < 1000; i++) pick(pods);
  const loads = pods.map((pod) => pod.inFlight);
  expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(6);
});

test("first available fills pods in order", () => {
  const pods = podsOf([1, 2, 1]);
  const names = Array.from({ length: 5 }, () => firstAvailable(pods)?.name);
  expect(names).toEqual(["p0", "p1", "p1", "p2", undefined]);
});

test("round robin goes on after the last pick, passes over full pods, and starts anew when the list shrinks", () => {
  const pods = podsOf([2, 1, 2]);
  const pick = roundRobin();
  expect(Array.from({ length: 6 }, () => pick(pods)?.name)).toEqual([
    "p0",
    "p1",
    "p2",
    "p0",
    "p2",
    undefined,
  ]);
  const fewer = podsOf([5, 5]);
  expect([pick(fewer)?.name, pick(fewer)?.name, pick(fewer)?.name]).toEqual(["p0", "p1", "p0"]);
});

test.each([
  [0, ["p0", "p1", "p0", "p1"]],
  [1, ["p0", "p1", undefined, undefined]],
  [3, ["p0", "p0", "p0", "p1"]],
  [4, ["p0", "p1", "p0", "p1"]],
])("container concurrency %i has its own policy", (containerConcurrency, want) => {
  const pods = podsOf([containerConcurrency || UNLIMITED, containerConcurrency || UNLIMITED]);
  const pick = policyFor(containerConcurrency, () => 0);
  expect(Array.from({ length: 4 }, () => pick(pods)?.name)).toEqual(want);
});
