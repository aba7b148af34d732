/** Which dests are sent to and which are probed. Pure. */

import type { Dest, DestSet } from "#core/ports.ts";

/** What is known of the dests of one revision, by source. */
export interface Knowledge {
  /** As the cluster knows them. */
  readonly known: DestSet;
  /** Learnt before the cluster's list had them, by key. */
  readonly early: ReadonlyMap<string, Dest>;
  /** Keys that have accepted our own probe since they were last not known to be ready. */
  readonly verified: ReadonlySet<string>;
  /** Keys that refused or reset a request since they last accepted a probe. */
  readonly suspects: ReadonlySet<string>;
  /** Whether our own probe counts; if not, only the cluster's word does. */
  readonly ownProbe: boolean;
  /** Whether the revision wakes or somebody waits. */
  readonly urgent: boolean;
}

export interface Judgement {
  /** What requests may be sent to. */
  readonly healthy: readonly Dest[];
  /** What is to be probed. */
  readonly doubtful: readonly Dest[];
}

/**
 * Sorts dests into those to send to and those to probe.
 *
 * | dest                     | accepted                         | probed                    |
 * |--------------------------|----------------------------------|---------------------------|
 * | ready in the cluster     | yes, unless suspect              | while suspect             |
 * | not ready there, or early| after our own probe, if it counts| while somebody waits      |
 * | suspect                  | no                               | always                    |
 */
export const judge = (knowledge: Knowledge): Judgement => {
  const { known, early, verified, suspects, ownProbe, urgent } = knowledge;
  const healthy = known.ready.filter((dest) => !suspects.has(dest.key));
  const doubtful = known.ready.filter((dest) => suspects.has(dest.key));
  const inList = new Set([...known.ready, ...known.notReady].map((dest) => dest.key));
  const unlisted = [...early.values()].filter((dest) => !inList.has(dest.key));
  for (const dest of ownProbe ? [...known.notReady, ...unlisted] : []) {
    if (suspects.has(dest.key)) doubtful.push(dest);
    else if (verified.has(dest.key)) healthy.push(dest);
    else if (urgent) doubtful.push(dest);
  }
  return { healthy, doubtful };
};

/** Whether two lists name the same dests in the same order. */
export const sameDests = (a: readonly Dest[], b: readonly Dest[]): boolean =>
  a.length === b.length &&
  a.every((dest, i) => dest === b[i] || (dest.key === b[i]!.key && dest.pod === b[i]!.pod));
