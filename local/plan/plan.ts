/** What the manifests ask for, complete and checked. */
import type { Millis } from "#core/clock.ts";
import type { Service } from "#core/manifest/objects.ts";
import type { ReadinessProbe, Revision, RevisionId } from "#core/revision.ts";
import type { PassedOver, Placed } from "./objects.ts";

/** `namespace/name` of a Deployment. */
export type WorkloadId = string;

/** A port that each pod gets as a port of its own. */
export interface PodPort {
  /** The port's number in the manifest. */
  readonly target: number;
  /** The variables that tell the process its real port: `PORT`, `PORT_METRICS`. */
  readonly variables: readonly string[];
}

/** All that is needed to start a pod's process. Two that are deeply equal make the same pod. */
export interface PodSpec {
  readonly command: readonly [string, ...string[]];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Absolute. */
  readonly cwd: string;
  readonly ports: readonly PodPort[];
  /** `portIndex` counts in `ports`; undefined = ready once it runs (a workload without a port). */
  readonly probe: Exclude<ReadinessProbe, { kind: "external" }> | undefined;
  /** Whether the manifest has a readinessProbe, so that it goes on after the first success. */
  readonly probesOn: boolean;
  readonly initialDelayMs: Millis;
  readonly failureThreshold: number;
  readonly graceMs: Millis;
}

export interface WorkloadPlan {
  readonly id: WorkloadId;
  readonly pod: PodSpec;
  /** Pods at the start; of one that no Service scales, always. */
  readonly replicas: number;
  /** The annotated Service that scales it. */
  readonly scaledBy: RevisionId | undefined;
}

export interface ServicePlan {
  readonly revision: Revision;
  /** Whether it is annotated; one that is not is only forwarded to. */
  readonly scaled: boolean;
  /** One, when it is scaled. */
  readonly workloads: readonly WorkloadId[];
  /** The port in the manifest's pod behind each port of the revision. */
  readonly targets: readonly number[];
  /** The port of this machine for each port of the revision; undefined = a free one. */
  readonly localPorts: readonly (number | undefined)[];
}

/** What the manifests ask for: complete and checked, nothing started yet. Immutable. */
export interface Plan {
  readonly services: readonly ServicePlan[];
  readonly workloads: readonly WorkloadPlan[];
  /** Data of the ConfigMap `config-autoscaler`; empty without one. */
  readonly autoscalerConfig: Readonly<Record<string, string>>;
  readonly passedOver: readonly PassedOver[];
  /** The objects that the services came from, for messages. */
  readonly places: ReadonlyMap<RevisionId, Placed<Service>>;
}
