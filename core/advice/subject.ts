import type { Millis } from "../clock.ts";

/** The parts of a probe that bear on how soon a pod counts as ready. */
export interface ProbeShape {
  readonly httpGet?: object;
  readonly tcpSocket?: object;
  readonly exec?: unknown;
  readonly grpc?: unknown;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
}

export interface ContainerShape {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly readinessProbe?: ProbeShape;
  readonly startupProbe?: ProbeShape;
  readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> };
}

/** The parts of a pod template that bear on how soon it starts. */
export interface PodShape {
  readonly automountServiceAccountToken?: boolean;
  readonly containers: readonly ContainerShape[];
  readonly initContainers?: readonly (ContainerShape & { readonly restartPolicy?: string })[];
}

/** What recorded cold starts of the Service say, in milliseconds on average. */
export interface RecordedStarts {
  readonly count: number;
  readonly averageMs: Millis;
}

/** One Service and what is known of its pods. */
export interface AdviceSubject {
  /** `deployment/hello`, as kubectl takes it. */
  readonly workload: string;
  readonly pod: PodShape;
  /** The window over which the load is averaged. */
  readonly windowMs: Millis;
  readonly starts?: RecordedStarts | undefined;
  /** Nodes that may run the pod, and how many of them have each image; absent = not known. */
  readonly nodes?: { readonly count: number; readonly withImage: (image: string) => number } | undefined;
}

/** One thing that makes a Service slow to wake, or its first requests fail. */
export interface Advice {
  /** A word for machines: `service-account-token`, `sidecar`, … */
  readonly code: string;
  readonly finding: string;
  /** What it costs at each cold start, in milliseconds, where it was measured; least and most. */
  readonly costMs?: readonly [Millis, Millis];
  /** The line of YAML that changes it, in the workload or the Service. */
  readonly yaml: string;
}
