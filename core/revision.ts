import type { Millis } from "./clock.ts";

/** `namespace/name` of the Service that is scaled and routed. */
export type RevisionId = string;

export const revisionId = (namespace: string, name: string): RevisionId => `${namespace}/${name}`;

/** How bytes travel between client and pod. */
export type Protocol = "http1" | "h2c" | "tcp";

/** One port of the Service. `Dest.ports[i]` is where `Revision.ports[i]` goes in a pod. */
interface RevisionPort {
  readonly name: string;
  /** The Service's own port number, as clients write it. */
  readonly port: number;
  readonly protocol: Protocol;
}

/** When a pod counts as ready: the pod's own readinessProbe, or a TCP connect when it has none. */
export type ReadinessProbe =
  | {
      readonly kind: "tcp";
      readonly portIndex: number;
      readonly timeoutMs: Millis;
      readonly periodMs: Millis;
    }
  | {
      readonly kind: "http";
      readonly portIndex: number;
      readonly path: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly timeoutMs: Millis;
      readonly periodMs: Millis;
    }
  /** exec, gRPC or a startupProbe: only the cluster can tell; we never send before it says ready. */
  | { readonly kind: "external" };

/** Requests that wake nothing: while no pod is ready they get an answer of their own. Any match is enough. */
export interface IgnoreRules {
  /** Globs of paths without their query; `*` stands for anything. */
  readonly paths: readonly string[];
  /** Globs of user agents, in any case. */
  readonly userAgents: readonly string[];
  /** Networks or addresses of whoever made the connection. */
  readonly cidrs: readonly string[];
  /** Status of the answer: 200 to 599. */
  readonly status: number;
}

/** What people see in a browser while a pod starts. */
export interface WaitingPage {
  /** undefined = the Service's name. */
  readonly title: string | undefined;
  readonly theme: "auto" | "light" | "dark";
}

/** How much clients may ask of each port of a Service; what is absent is as the activator is set. */
export interface ClientLimits {
  /** Connections to one port. */
  readonly connections?: number;
  /** Connections to one port from one address. */
  readonly connectionsPerClient?: number;
  /** Unanswered requests on one HTTP/2 connection. */
  readonly streams?: number;
  /** Requests that one HTTP/2 connection may reset as soon as they are sent, before it matters what share they are. */
  readonly resets?: number;
  /** PING and SETTINGS frames that one HTTP/2 connection may send at once; ten more each second. */
  readonly controlFrames?: number;
}

/** One annotated Service with the workload behind it: the unit that is scaled and routed. Immutable. */
export interface Revision {
  readonly id: RevisionId;
  readonly namespace: string;
  readonly name: string;
  /** All annotations of the Service, as written. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly ports: readonly RevisionPort[];
  readonly probe: ReadinessProbe;
  /** Hard limit of requests in one pod; 0 = no limit. */
  readonly containerConcurrency: number;
  /** Requests that may wait before 503. */
  readonly queueDepth: number;
  /** How long a request may wait for a pod; absent = by the usual start of the Service (ADR 0014). */
  readonly queueTimeoutMs?: Millis;
  readonly ignore?: IgnoreRules;
  readonly waitingPage?: WaitingPage;
  readonly clientLimits?: ClientLimits;
  /** Total time of a request, waiting included. */
  readonly timeoutMs: Millis;
  /** Until the first byte of the answer; 0 = no limit of its own. */
  readonly responseStartTimeoutMs: Millis;
  /** Between two bytes of the answer, and of an upgraded connection; 0 = no limit. */
  readonly idleTimeoutMs: Millis;
}
