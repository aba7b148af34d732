import type { Advice } from "#core/advice/subject.ts";
import type { Millis } from "#core/clock.ts";
import type { ObjectName } from "./review.ts";

/** What the webhook needs of the cluster beyond the object under review. Implemented in `core/kube`. */

/** A workload as an HPA or an annotated Service names it. */
export interface WorkloadRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Who scales what, as last heard of: asked for warnings only, so what is not known is simply not told. */
export interface Workloads {
  /** The Service (its name) through which Pilotlight scales this workload; undefined when there is none. */
  scaledThrough(namespace: string, workload: WorkloadRef): string | undefined;
  /** The HorizontalPodAutoscalers (their names) on the workload behind a Service with these settings. */
  autoscalersBehind(service: ServiceTarget): readonly AutoscaledWorkload[];
  /** The least time that a pod of its workload takes to become ready; undefined = not known. */
  startTime(service: ServiceTarget): Millis | undefined;
  /** What slows each start of its workload's pods, as far as their text shows. */
  slowStart(service: ServiceTarget): readonly { readonly workload: WorkloadRef; readonly advice: Advice }[];
}

/** How a Service finds its workload: `pilotlight.dev/scale-target`, else the selector. */
interface ServiceTarget extends ObjectName {
  readonly annotations: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

interface AutoscaledWorkload {
  readonly autoscaler: string;
  readonly workload: WorkloadRef;
}

/** A Secret's data, decoded, with the version that a guarded write must be based on. */
export interface StoredSecret {
  readonly version: string;
  readonly data: Readonly<Record<string, string>>;
}

/** One Secret. Every write is guarded: the answer `conflict` means that somebody else was first. */
export interface SecretStore {
  read(): Promise<StoredSecret | undefined>;
  /** Creates it when `version` is undefined, else replaces the data of exactly that version. */
  write(data: Readonly<Record<string, string>>, version: string | undefined): Promise<"written" | "conflict">;
}

/** Where the API server learns which certificate authority to trust. */
export interface TrustPublisher {
  /** Sets `caBundle` of every webhook of our configurations; writes only what differs. */
  publish(caBundle: string): Promise<void>;
}
