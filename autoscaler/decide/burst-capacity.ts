import { goMax } from "#core/go-arithmetic.ts";
import { pilotlightRules, type Rules } from "#core/divergences.ts";
import type { DeciderSpec } from "./decider.ts";
import { podCount } from "./pod-count.ts";

/**
 * Metric units that could arrive at once without queueing in pods (`knative.md` 3.5). Negative = the activator
 * must be in the path. 3 pods of 100 with a burst of 211 and a load of 80: floor(300 − 211 − 80) = 9.
 */
export const excessBurstCapacity = (spec: DeciderSpec, readyPods: number, panic: number): number => {
  const { targetBurstCapacity, totalValue } = spec;
  if (targetBurstCapacity === 0) return 0;
  if (targetBurstCapacity > 0) return Math.floor(readyPods * totalValue - targetBurstCapacity - panic);
  return -1;
};

/**
 * The same before any decision, for the pods that a revision starts with. It rounds toward zero, and only −1
 * means "without limit", unlike in a decision.
 */
export const initialBurstCapacity = (spec: DeciderSpec, rules: Rules = pilotlightRules): number => {
  const { targetBurstCapacity, totalValue, initialScale } = spec;
  const given = targetBurstCapacity === -1 || targetBurstCapacity === 0;
  return podCount(given ? targetBurstCapacity : initialScale * totalValue - targetBurstCapacity, rules);
};

const LEAST_ACTIVATORS = 2;

type Burst = Pick<DeciderSpec, "targetBurstCapacity" | "totalValue" | "activatorCapacity">;

/** Activators that a revision needs in its path (`knative.md` 3.8). */
export const activatorsWanted = (spec: Burst, readyPods: number): number => {
  const { targetBurstCapacity, totalValue, activatorCapacity } = spec;
  if (targetBurstCapacity === 0) return LEAST_ACTIVATORS;
  const load = readyPods * totalValue + (targetBurstCapacity > 0 ? targetBurstCapacity : 0);
  return goMax(LEAST_ACTIVATORS, Math.ceil(load / activatorCapacity));
};
