import type { Millis } from "#core/clock.ts";
import { type ColdStart, phaseDurations } from "../wake/cold-start.ts";

/** Tells the client where its wait went: the whole of it, then each phase of the cold start (W3C Server Timing). */
export const serverTiming = (start: ColdStart | undefined, waitedMs: Millis): string => {
  const phases = start === undefined ? [] : phaseDurations(start);
  return [entry("cold", waitedMs), ...phases.map(([phase, ms]) => entry(`cold-${phase}`, ms))].join(", ");
};

const entry = (name: string, ms: Millis): string => `${name};dur=${ms.toFixed(1)}`;
