import * as fc from "fast-check";
import { expect, test } from "vitest";
import { currentMax, maxWindow, recordMax, resizeMaxWindow } from "./max-window.ts";

const writes = fc.array(
  fc.record({ gap: fc.integer({ min: 0, max: 4 }), value: fc.integer({ min: 0, max: 9 }) }),
  { minLength: 1, maxLength: 60 },
);

test("it is the maximum of what lies within its slots, looked at by hand", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), writes, (slots, list) => {
      let window = maxWindow(slots * 2, 2);
      const seen: { slot: number; value: number }[] = [];
      let slot = 0;
      for (const { gap, value } of list) {
        slot += gap;
        seen.push({ slot, value });
        window = recordMax(window, slot, value);
        const inside = seen.filter((entry) => slot - entry.slot < slots).map((entry) => entry.value);
        expect(currentMax(window)).toBe(Math.max(...inside));
        expect(window.entries.length).toBeLessThanOrEqual(slots);
      }
    }),
  );
});

test("empty it is 0; a length that is no multiple has one slot more", () => {
  expect(currentMax(maxWindow(10, 2))).toBe(0);
  expect(maxWindow(3, 2).slots).toBe(2);
  expect(maxWindow(1, 2).slots).toBe(1);
});

test("resized it keeps what it knows; the same length changes nothing", () => {
  const window = recordMax(maxWindow(4, 2), 0, 7);
  expect(resizeMaxWindow(window, 4, 2)).toBe(window);
  expect(currentMax(recordMax(resizeMaxWindow(window, 20, 2), 9, 1))).toBe(7);
  expect(currentMax(recordMax(resizeMaxWindow(window, 2, 2), 1, 1))).toBe(1);
});
