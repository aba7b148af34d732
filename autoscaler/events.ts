/** What the autoscaler tells users (scaled, could not scale). */
import type { Millis } from "#core/clock.ts";
import type { RevisionId } from "#core/revision.ts";

/** What a user should hear of: becomes a Kubernetes Event, or a line of `pilotlight local`. */
export type AutoscalerEvent =
  /** A workload was told another number of pods. `reason` holds the numbers that led to it. */
  | {
      readonly kind: "scaled";
      readonly id: RevisionId;
      readonly from: number;
      readonly to: number;
      readonly cause: string;
      readonly reason: string;
      readonly at: Millis;
    }
  /** A workload could not be told its number of pods; tried again after `retryMs`. */
  | {
      readonly kind: "scale-failed";
      readonly id: RevisionId;
      readonly wanted: number;
      readonly error: string;
      readonly retryMs: Millis;
      readonly at: Millis;
    };

export type AutoscalerEvents = (event: AutoscalerEvent) => void;
