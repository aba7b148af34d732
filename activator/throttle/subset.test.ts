import * as fc from "fast-check";
import { expect, test } from "vitest";
import { UNLIMITED } from "./slots.ts";
import { assignSlice, byText, inferIndex, pickIndices, placeAmong, revisionCapacity } from "./subset.ts";

const pods = (n: number): string[] => Array.from({ length: n }, (_, i) => `p${i}`);

// knative.md A.5
test.each([
  [2, 3, 1, { begin: 1, end: 2, remnants: 0 }],
  [2, 3, 2, { begin: 0, end: 1, remnants: 0 }],
  [10, 3, 0, { begin: 0, end: 3, remnants: 1 }],
  [10, 3, 1, { begin: 3, end: 6, remnants: 1 }],
  [10, 3, 2, { begin: 6, end: 9, remnants: 1 }],
  [150, 5, 4, { begin: 120, end: 150, remnants: 0 }],
])("%i pods among %i activators: activator %i has %o", (count, activators, index, want) => {
  expect(pickIndices(count, { count: activators, index })).toEqual(want);
});

// knative.md 4.4
test.each([
  [3, 2, 0, ["p0", "p2"]],
  [3, 2, 1, ["p1"]],
  [5, 2, 0, ["p0", "p1", "p4"]],
  [5, 2, 1, ["p2", "p3"]],
  [3, 2, -1, ["p0", "p1", "p2"]],
  [1, 5, 3, ["p0"]],
  [3, 1, 0, ["p0", "p1", "p2"]],
])("%i pods, %i activators: activator %i sends to %o", (count, activators, index, want) => {
  expect(assignSlice(pods(count), { count: activators, index })).toEqual(want);
});

// knative.md A.5; trackers 0 = through the cluster IP
test.each([
  [10, 1, 0, 1, 10],
  [10, 10, 0, 1, 100],
  [10, 10, 0, 5, 20],
  [10, 10, 0, 200, 1],
  [10, 0, 0, 200, 0],
  [0, 0, 0, 1, 0],
  [0, 3, 3, 2, UNLIMITED],
  [10, 3, 2, 2, 20],
])(
  "cc %i, %i backends, %i trackers, %i activators: capacity %i",
  (...[containerConcurrency, backends, trackers, activators, want]) => {
    expect(revisionCapacity({ containerConcurrency, backends, trackers, activators })).toBe(want);
  },
);

// knative.md 10.1 (6)
test("slices of at most as many activators as pods are disjoint and together all pods", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (a, b) => {
      const [activators, count] = [Math.min(a, b), Math.max(a, b)];
      const all = pods(count);
      const slices = Array.from({ length: activators }, (_, index) =>
        assignSlice(all, { count: activators, index }),
      );
      expect(slices.flat().sort(byText)).toEqual(all.toSorted(byText));
      const sizes = slices.map((slice) => slice.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test("with more activators than pods each has one, and every pod is somebody's", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 50 }), (count, more) => {
      const activators = count + more;
      const slices = Array.from({ length: activators }, (_, index) =>
        assignSlice(pods(count), { count: activators, index }),
      );
      expect(slices.every((slice) => slice.length === 1)).toBe(true);
      expect(new Set(slices.flat()).size).toBe(count);
    }),
  );
});

test("addresses sort as text, and one that is not among them leaves things as they are", () => {
  expect(placeAmong(["10.0.0.9", "10.0.0.10"], "10.0.0.10")).toEqual({ count: 2, index: 0 });
  expect(placeAmong(["10.0.0.9"], "10.0.0.1")).toBeUndefined();
  expect(inferIndex(["a", "b"], "b")).toBe(1);
});
