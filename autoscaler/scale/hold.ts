/** Why pods must stay although the averages say otherwise. */
import type { Millis } from "#core/clock.ts";

/** Why a revision must not have fewer pods for now, whatever the averages say. */
export interface Hold {
  readonly code: "no-reporter" | "window-not-full" | "reporter-lost";
  readonly text: string;
  /** When it gives way if nothing else happens; Infinity when only an event ends it. */
  readonly until: Millis;
}

export interface HoldInput {
  /** Since when what arrives is complete; undefined = nobody could report now. */
  readonly coveredSince: Millis | undefined;
  /** Reporters that fell silent under load. */
  readonly missing: readonly { readonly name: string; readonly until: Millis }[];
  readonly windowMs: Millis;
}

/**
 * A missing statistic counts as activity, never as silence: pods stay until a full stable window was seen from
 * everybody who could report. The longest hold is told.
 */
export const holdOf = ({ coveredSince, missing, windowMs }: HoldInput, now: Millis): Hold | undefined => {
  if (coveredSince === undefined)
    return { code: "no-reporter", text: "no activator is connected", until: Infinity };
  const lost = missing.reduce((latest, { until }) => Math.max(latest, until), 0);
  const covered = coveredSince + windowMs;
  if (Math.max(lost, covered) <= now) return undefined;
  if (covered >= lost) {
    const text = `seen for ${seconds(now - coveredSince)} s of the window of ${seconds(windowMs)} s`;
    return { code: "window-not-full", text, until: covered };
  }
  const names = missing.map(({ name }) => name).join(", ");
  return { code: "reporter-lost", text: `fell silent with requests under way: ${names}`, until: lost };
};

const seconds = (ms: Millis): string => (ms / 1000).toFixed(1);
