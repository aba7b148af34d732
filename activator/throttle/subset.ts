/** Which pods belong to this activator, and how much it may send to them. Pure. */

import { UNLIMITED } from "./slots.ts";

/** How many activators serve a revision, and which of them this one is; index −1 = not known. */
export interface ActivatorPlace {
  readonly count: number;
  readonly index: number;
}

export const unknownPlace: ActivatorPlace = { count: 0, index: -1 };

/**
 * This activator's place among those at `addresses` (any order; they sort as text), or undefined when it is
 * not one of them: then what was known before stays in force.
 */
export const placeAmong = (addresses: readonly string[], self: string): ActivatorPlace | undefined => {
  const index = inferIndex([...addresses].sort(byText), self);
  return index < 0 ? undefined : { count: addresses.length, index };
};

/** The index of `self` among sorted addresses, −1 when it is not there. */
export const inferIndex = (sorted: readonly string[], self: string): number => sorted.indexOf(self);

/** Order of code units, as Go sorts strings: `10.0.0.10` comes before `10.0.0.9`. */
export const byText = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

export interface Indices {
  readonly begin: number;
  /** Exclusive. */
  readonly end: number;
  /** What is left at the tail after an even split; element `index` of it belongs to this activator too. */
  readonly remnants: number;
}

/**
 * The share of `pods` of activator `index` out of `count` (`knative.md` 4.4). Three pods, two activators:
 * activator 0 has [0, 1) and the remnant 2, activator 1 has [1, 2). With more activators than pods they share.
 */
export const pickIndices = (pods: number, place: ActivatorPlace): Indices => {
  const { count, index } = place;
  if (count > pods) {
    const begin = index % pods;
    return { begin, end: begin + 1, remnants: 0 };
  }
  const each = Math.floor(pods / count);
  return { begin: index * each, end: (index + 1) * each, remnants: pods % count };
};

/** The pods, in order, that this activator sends to; `pods` is sorted by address as text. */
export const assignSlice = <T>(pods: readonly T[], place: ActivatorPlace): readonly T[] => {
  if (place.index < 0 || place.count <= 1 || pods.length <= 1) return pods;
  const { begin, end, remnants } = pickIndices(pods.length, place);
  const share = pods.slice(begin, end);
  return place.index < remnants ? [...share, pods[pods.length - remnants + place.index]!] : share;
};

export const minOneOrValue = (value: number): number => Math.max(1, value);

export interface CapacityInput {
  readonly containerConcurrency: number;
  /** Ready pods of the revision. */
  readonly backends: number;
  /** Pods this activator sends to directly; 0 = through the cluster IP. */
  readonly trackers: number;
  readonly activators: number;
}

/** Requests this activator may have under way for a revision; `UNLIMITED` without a limit per pod. */
export const revisionCapacity = (input: CapacityInput): number => {
  const { containerConcurrency, backends, trackers, activators } = input;
  if (trackers === 0 && backends === 0) return 0;
  if (containerConcurrency === 0) return backends > 0 ? UNLIMITED : 0;
  const all = containerConcurrency * (trackers > 0 ? trackers : backends);
  const share = trackers > 0 ? all : minOneOrValue(Math.floor(all / minOneOrValue(activators)));
  return backends > 0 ? Math.min(share, UNLIMITED) : share;
};
