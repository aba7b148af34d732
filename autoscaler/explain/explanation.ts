/** The explanation as data. */
import type { Millis } from "#core/clock.ts";
import type { PodCounts } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";

/** Something that keeps a revision from having fewer pods, or from going to zero. */
export interface Blocker {
  /** A word for machines: `stable-window`, `panic`, `scale-down-delay`, `rate`, `min-scale`, `grace`, … */
  readonly code: string;
  /** The same for people, with its numbers. */
  readonly text: string;
  /** Seconds until it gives way if nothing else happens; absent when only an event or a setting ends it. */
  readonly seconds?: number;
}

/** One evaluation with every number that went into it (`knative.md` 3.5). */
export interface DecisionPart {
  readonly at: Millis;
  readonly metric: "concurrency" | "rps";
  /** Averages over the two windows, in requests (concurrency) or requests per second. */
  readonly stable: number;
  readonly panic: number;
  readonly stableWindowSeconds: number;
  readonly panicWindowSeconds: number;
  /** What one pod is aimed at, and what it can take. */
  readonly target: number;
  readonly total: number;
  readonly readyPods: number;
  /** Pods the two values ask for before any limit. */
  readonly rawStable: number;
  readonly rawPanic: number;
  /** Limits of this one decision that come from the rates. */
  readonly maxUp: number;
  readonly maxDown: number;
  /** 0 = off. */
  readonly activationScale: number;
  /** What the autoscaler advised after rates, panic, and delay. */
  readonly desired: number;
  readonly excessBurstCapacity: number;
}

/** Why a revision has the number of pods that it has. Times are milliseconds since the Unix epoch. */
export interface Explanation {
  readonly service: RevisionId;
  readonly at: Millis;
  readonly state: "inactive" | "activating" | "active";
  readonly since: Millis;
  readonly pods: PodCounts | undefined;
  /** Pods the workload was last told to have; undefined until it was read. */
  readonly told: number | undefined;
  /** Pods it should have by the last evaluation; −1 = not known yet. */
  readonly wanted: number;
  readonly bounds: { readonly min: number; readonly max: number };
  /** Undefined until there was a first evaluation. */
  readonly decision: DecisionPart | undefined;
  readonly panic:
    | { readonly since: Millis; readonly until: Millis; readonly pods: number; readonly threshold: number }
    | undefined;
  readonly scaleDownDelaySeconds: number;
  /** What led from the advice to `wanted`, in order of application: `max-scale 3`, `reporter lost`, … */
  readonly limits: readonly string[];
  /** What has to end before there are zero pods, longest first. Empty at zero. */
  readonly zeroBlockedBy: readonly Blocker[];
  readonly reporters: { readonly heard: number; readonly missing: readonly string[] };
  readonly lastError:
    | { readonly at: Millis; readonly text: string; readonly times: number; readonly retryAt: Millis }
    | undefined;
  /** The same as text, one line per fact. */
  readonly text: string;
}
