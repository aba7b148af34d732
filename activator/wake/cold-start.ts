/** The record of one cold start: which phase was seen when. */

import type { Millis } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";

/**
 * The phases of a cold start: the request that asked for it, `/scale` written, the first pod made, given to a
 * node, its container running, its address told by the node agent, its address known, a pod accepting.
 */
export const wakePhases = [
  "requested",
  "patched",
  "created",
  "scheduled",
  "started",
  "agent",
  "address",
  "accepted",
] as const;

export type WakePhase = (typeof wakePhases)[number];

/** One attempt to wake a revision, as far as it has come. */
export interface ColdStart {
  readonly id: RevisionId;
  /** Milliseconds since the Unix epoch. */
  readonly began: Millis;
  /** When each phase was first seen, in milliseconds since `began`. A phase that was not seen is absent. */
  readonly phases: Readonly<Partial<Record<WakePhase, Millis>>>;
  readonly outcome: "waking" | "accepted" | "failed" | "abandoned";
}

/** Notes phases as they are seen; the first sight counts. */
export class ColdStartRecord {
  readonly #id: RevisionId;
  readonly #began: Millis;
  readonly #phases: Partial<Record<WakePhase, Millis>> = { requested: 0 };
  #outcome: ColdStart["outcome"] = "waking";

  constructor(id: RevisionId, began: Millis) {
    this.#id = id;
    this.#began = began;
  }

  note(phase: WakePhase, now: Millis): void {
    this.#phases[phase] ??= now - this.#began;
  }

  end(outcome: Exclude<ColdStart["outcome"], "waking">): void {
    if (this.#outcome === "waking") this.#outcome = outcome;
  }

  get snapshot(): ColdStart {
    return { id: this.#id, began: this.#began, phases: { ...this.#phases }, outcome: this.#outcome };
  }
}

/**
 * The phases in the order in which they were seen, each with the milliseconds since the one before: what adds up
 * to the whole cold start, for `Server-Timing` and the histogram by phase.
 */
export const phaseDurations = (start: ColdStart): readonly (readonly [WakePhase, Millis])[] => {
  const seen = wakePhases
    .filter((phase) => phase !== "requested" && start.phases[phase] !== undefined)
    .map((phase) => [phase, start.phases[phase]!] as const)
    .sort((a, b) => a[1] - b[1]);
  return seen.map(([phase, at], i) => [phase, at - (seen[i - 1]?.[1] ?? 0)]);
};
