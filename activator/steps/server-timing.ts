import type { Millis } from "#core/clock.ts";
import { type ColdStart, phaseDurations } from "../wake/cold-start.ts";

/** Tells the client where its wait went: the whole of it, then each phase of the cold start (W3C Server Timing). */
export const serverTiming = (start: ColdStart | undefined, waitedMs: Millis): string =>
  `${entry("cold", waitedMs)}${start === undefined ? "" : phasesOf(start)}`;

/** The same for all who waited for one start. */
const texts = new WeakMap<ColdStart, string>();

const phasesOf = (start: ColdStart): string => {
  const known = texts.get(start);
  if (known !== undefined) return known;
  const text = phaseDurations(start)
    .map(([phase, ms]) => `, ${entry(`cold-${phase}`, ms)}`)
    .join("");
  texts.set(start, text);
  return text;
};

const entry = (name: string, ms: Millis): string => `${name};dur=${ms.toFixed(1)}`;
