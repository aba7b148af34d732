/** The guarded write of a number of pods. */
import type { Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";

/** What came of a wish. */
export type ScaleOutcome =
  /** The workload was told so already. */
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly from: number }
  /** Somebody else wrote in between: read again and decide again. */
  | { readonly kind: "conflict" };

/**
 * Tells a workload to have `wanted` pods when it is told `told` now, which was read just before. The write is
 * guarded by that number, so that it never undoes what somebody else (a waking activator, a person) wrote since.
 * Rejects with the cluster's reason.
 */
export const applyScale = async (
  scale: Scale,
  id: RevisionId,
  change: { readonly told: number; readonly wanted: number },
): Promise<ScaleOutcome> => {
  if (change.wanted === change.told) return { kind: "same" };
  const done = await scale.apply(id, change.wanted, { onlyIf: change.told });
  return done ? { kind: "changed", from: change.told } : { kind: "conflict" };
};
