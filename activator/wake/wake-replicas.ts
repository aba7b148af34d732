import { readAnnotations } from "#core/annotations/read.ts";
import { pilotlightRules } from "#core/divergences.ts";
import type { Revision } from "#core/revision.ts";

/**
 * Pods to wake with: one, or more where `min-scale` or `activation-scale` ask for it, within `max-scale`
 * (`knative.md` 1.6). What the autoscaler would decide for a first request, known without asking it.
 */
export const wakeReplicas = (revision: Revision): number => {
  const { minScale, maxScale, activationScale } = readAnnotations(revision.annotations, pilotlightRules);
  const least = Math.max(1, minScale ?? 0, activationScale ?? 0);
  return maxScale !== undefined && maxScale > 0 ? Math.min(least, maxScale) : least;
};
