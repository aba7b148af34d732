import type { Revision, RevisionId } from "./revision.ts";

/**
 * What the activator and the autoscaler need to know of the world. Implemented by `core/kube` with the
 * Kubernetes API and by `local/` with processes; `test/contract` runs on both. Listeners are level-triggered:
 * they get a name and must read again. A snapshot is immutable and is replaced whole.
 */

/** A pod that requests can be sent to. */
export interface Dest {
  /** `host:ports[0]`; what trackers are keyed by. */
  readonly key: string;
  readonly host: string;
  /** `ports[i]` serves `Revision.ports[i]`. */
  readonly ports: readonly number[];
  /** The pod's name where it is known, for logs. */
  readonly pod?: string;
}

/** Pods by what the cluster says of them. One that is being ended is in neither list. */
export interface DestSet {
  readonly ready: readonly Dest[];
  readonly notReady: readonly Dest[];
}

export const noDests: DestSet = { ready: [], notReady: [] };

export type Listener = (id: RevisionId) => void;

export interface Revisions {
  get(id: RevisionId): Revision | undefined;
  list(): readonly Revision[];
  /** Called after a revision appeared, changed or went. */
  subscribe(listener: Listener): Disposable;
}

export interface Dests {
  /** The pods of a revision as the cluster knows them; `noDests` when it knows none. */
  get(id: RevisionId): DestSet;
  subscribe(listener: Listener): Disposable;
}

export interface PodCounts {
  readonly ready: number;
  readonly notReady: number;
  readonly pending: number;
  readonly terminating: number;
}

export interface Scale {
  /** Replicas the workload is told to have. Rejects when there is no such workload or it cannot be read. */
  wanted(id: RevisionId): Promise<number>;
  /**
   * Tells the workload to have `replicas` pods. With `onlyIf` nothing is written unless the present number
   * is that one, and the answer is whether it was. Rejects with the cluster's reason.
   */
  apply(id: RevisionId, replicas: number, options?: { readonly onlyIf?: number }): Promise<boolean>;
  /** Pods as they are. Rejects when they cannot be counted: then nothing is decided. */
  pods(id: RevisionId): Promise<PodCounts>;
}

/** What is learnt about the pods of a revision while it wakes. */
export type WakingEvent =
  /** A pod has been made and given to a node. */
  | { readonly kind: "phase"; readonly pod: string; readonly phase: "created" | "scheduled" | "started" }
  /** A pod has an address; it may not answer yet. `source` is who knew it, when not the API server. */
  | { readonly kind: "address"; readonly dest: Dest; readonly source?: "node-agent" }
  /** A pod that was announced is gone, or will never answer at that address. */
  | { readonly kind: "gone"; readonly key: string }
  /** No pod can start: `reason` is Kubernetes's word (`CrashLoopBackOff`), `detail` says what happened. */
  | { readonly kind: "failed"; readonly reason: string; readonly detail: string };

export interface WakingPods {
  /** Watches the pods of one revision until disposed. Events about pods that exist already come first. */
  watch(id: RevisionId, listener: (event: WakingEvent) => void): Disposable;
}

/** One port of a Service, reachable at one port of this machine. */
export interface Route {
  readonly id: RevisionId;
  readonly portIndex: number;
  readonly host: string;
  readonly port: number;
}

export interface Routes {
  list(): readonly Route[];
  subscribe(listener: () => void): Disposable;
}

/** The activators that serve a revision side by side. */
export interface Peers {
  /** This process's address among theirs. */
  readonly self: string;
  /** In any order; empty when nothing is known. */
  addresses(id: RevisionId): readonly string[];
  /** Called after the activators of a revision have changed. */
  subscribe(listener: Listener): Disposable;
}
