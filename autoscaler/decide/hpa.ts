import { HPA, KPA, type Annotations } from "#core/annotations/keys.ts";
import type { ScaleTarget } from "#core/annotations/scale-target.ts";
import type { Settings } from "#core/annotations/settings.ts";
import { goInt64, inSeconds } from "#core/go-arithmetic.ts";
import { binaryQuantity, decimalQuantity } from "./quantity.ts";

/** Who scales a revision: we, a HorizontalPodAutoscaler that we keep, or somebody of another class. */
export type ScaledBy = "kpa" | "hpa" | "other";

export const scaledBy = (settings: Settings): ScaledBy => {
  if (settings.class === KPA) return "kpa";
  return settings.class === HPA ? "hpa" : "other";
};

/** What a HorizontalPodAutoscaler is made from, besides settings. */
export interface HpaSource {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Annotations;
  /** The object whose end is the end of the HorizontalPodAutoscaler. */
  readonly owner: OwnerReference;
  readonly scaleTarget: ScaleTarget;
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
  readonly blockOwnerDeletion: true;
}

/** `autoscaling/v2`, as far as Knative sets it. */
export interface HorizontalPodAutoscaler {
  readonly apiVersion: "autoscaling/v2";
  readonly kind: "HorizontalPodAutoscaler";
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Annotations;
    readonly ownerReferences: readonly OwnerReference[];
  };
  readonly spec: {
    readonly scaleTargetRef: ScaleTarget;
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly HpaMetric[];
    readonly behavior?: { readonly scaleUp: Stabilization; readonly scaleDown: Stabilization };
  };
}

interface Stabilization {
  readonly stabilizationWindowSeconds: number;
}

type AverageValue = { readonly type: "AverageValue"; readonly averageValue: string };

type HpaMetric =
  | {
      readonly type: "Resource";
      readonly resource: {
        readonly name: "cpu";
        readonly target: { readonly type: "Utilization"; readonly averageUtilization: number };
      };
    }
  | {
      readonly type: "Resource";
      readonly resource: { readonly name: "memory"; readonly target: AverageValue };
    }
  | {
      readonly type: "Pods";
      readonly pods: { readonly metric: { readonly name: string }; readonly target: AverageValue };
    };

const MAX_INT32 = 2 ** 31 - 1;

/** The object that Knative would create for a revision of class `hpa` (`knative.md` 3.11). */
export const horizontalPodAutoscaler = (source: HpaSource, settings: Settings): HorizontalPodAutoscaler => {
  const { min, max } = settings.bounds;
  const { target, window } = settings.annotations;
  const stabilization = { stabilizationWindowSeconds: Math.trunc(inSeconds(window ?? 0)) };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      namespace: source.namespace,
      name: source.name,
      labels: source.labels,
      annotations: source.annotations,
      ownerReferences: [source.owner],
    },
    spec: {
      scaleTargetRef: source.scaleTarget,
      ...(min > 0 && { minReplicas: min }),
      maxReplicas: max === 0 ? MAX_INT32 : max,
      ...(target !== undefined && { metrics: [hpaMetric(settings.metric, target)] }),
      ...(window !== undefined && { behavior: { scaleUp: stabilization, scaleDown: stabilization } }),
    },
  };
};

/** `cpu` in percent of the request, `memory` in MiB, anything else in units of that metric of the pods. */
const hpaMetric = (metric: string, target: number): HpaMetric => {
  if (metric === "cpu") {
    const averageUtilization = Math.ceil(target);
    return {
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
    };
  }
  if (metric === "memory") {
    const averageValue = binaryQuantity(BigInt(goInt64(target)) * 1024n * 1024n);
    return { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue } } };
  }
  const averageValue = decimalQuantity(BigInt(goInt64(target)));
  return { type: "Pods", pods: { metric: { name: metric }, target: { type: "AverageValue", averageValue } } };
};
