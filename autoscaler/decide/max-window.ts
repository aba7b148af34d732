import type { Nanos } from "#core/clock.ts";

/** Maximum over the latest slots (`knative.md` 3.5, scale-down delay). Immutable; `record` gives the next one. */
export interface MaxWindow {
  /** Slots it looks back over, the present one included. */
  readonly slots: number;
  /** Only values that can still become the maximum: newest last, each smaller than the one before. */
  readonly entries: readonly Entry[];
}

interface Entry {
  readonly slot: number;
  readonly value: number;
}

export const maxWindow = (length: Nanos, granularity: Nanos): MaxWindow => ({
  slots: Math.ceil(length / granularity),
  entries: [],
});

/** Looks back over another length from now on. */
export const resizeMaxWindow = (window: MaxWindow, length: Nanos, granularity: Nanos): MaxWindow => {
  const slots = Math.ceil(length / granularity);
  return slots === window.slots ? window : { slots, entries: window.entries };
};

/** Takes a value; whatever is smaller, or too old by now, is forgotten. Slots never go back. */
export const recordMax = (window: MaxWindow, slot: number, value: number): MaxWindow => {
  const entries = window.entries.filter((entry) => entry.value > value && slot - entry.slot < window.slots);
  // A larger value of the same slot outlives this one.
  if (entries.at(-1)?.slot !== slot) entries.push({ slot, value });
  return { slots: window.slots, entries };
};

/** The maximum as of the latest record, which alone makes it forget; 0 before the first. */
export const currentMax = (window: MaxWindow): number => window.entries[0]?.value ?? 0;
