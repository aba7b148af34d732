import type { Nanos } from "../clock.ts";
import type { Rules } from "../divergences.ts";
import { parseDuration } from "../duration.ts";
import { parseGoFloat, parseGoInt32 } from "../go-number.ts";
import { find, keys, type Annotations, type Keys } from "./keys.ts";

/**
 * The `autoscaling.knative.dev/*` annotations of one revision, read once. Nothing is range-checked here: that is
 * the webhook's work. Undefined = absent or unreadable, and then the config's value counts (`knative.md` 1.1).
 */
export interface AutoscalingAnnotations {
  readonly class: string | undefined;
  readonly metric: string | undefined;
  readonly algorithm: string | undefined;
  /** Metric units per pod. */
  readonly target: number | undefined;
  /** Fraction. */
  readonly targetUtilization: number | undefined;
  readonly targetBurstCapacity: number | undefined;
  readonly minScale: number | undefined;
  /** 0 = no limit. */
  readonly maxScale: number | undefined;
  readonly initialScale: number | undefined;
  readonly activationScale: number | undefined;
  readonly window: Nanos | undefined;
  readonly panicWindowPercentage: number | undefined;
  readonly panicThresholdPercentage: number | undefined;
  readonly scaleDownDelay: Nanos | undefined;
  readonly podRetention: Nanos | undefined;
  /** Time a revision has to become ready (`serving.knative.dev/progress-deadline`). */
  readonly progressDeadline: Nanos | undefined;
}

export const readAnnotations = (annotations: Annotations, rules: Rules): AutoscalingAnnotations => {
  const text = (key: Keys) => find(annotations, key)?.value;
  const int32 = (key: Keys) => readInt32(text(key));
  const float = (key: Keys) => readFloat(text(key), rules);
  const duration = (key: Keys) => readDuration(text(key));
  const utilization = float(keys.targetUtilization);
  return {
    class: text(keys.class),
    metric: text(keys.metric),
    algorithm: text(keys.algorithm),
    target: float(keys.target),
    targetUtilization: utilization === undefined ? undefined : utilization / 100,
    targetBurstCapacity: float(keys.targetBurstCapacity),
    minScale: int32(keys.minScale),
    maxScale: int32(keys.maxScale),
    initialScale: int32(keys.initialScale),
    activationScale: int32(keys.activationScale),
    window: duration(keys.window),
    panicWindowPercentage: float(keys.panicWindow),
    panicThresholdPercentage: float(keys.panicThreshold),
    scaleDownDelay: duration(keys.scaleDownDelay),
    podRetention: duration(keys.podRetention),
    progressDeadline: duration(keys.progressDeadline),
  };
};

const readInt32 = (text: string | undefined): number | undefined => {
  const result = text === undefined ? undefined : parseGoInt32(text);
  return result?.ok ? result.value : undefined;
};

const readFloat = (text: string | undefined, rules: Rules): number | undefined => {
  const result = text === undefined ? undefined : parseGoFloat(text);
  if (!result?.ok || (Number.isNaN(result.value) && rules["nan-refused"])) return undefined;
  return result.value;
};

const readDuration = (text: string | undefined): Nanos | undefined => {
  const result = text === undefined ? undefined : parseDuration(text);
  return result?.ok ? Number(result.nanos) : undefined;
};
