import type { Dests, Revisions, Routes, Scale, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";

/** How the pods of a Service under test behave. */
export type Behaviour =
  /** Listens and answers. */
  | "works"
  /** Ends with exit code 3 as soon as it is started, its last words being "no such table". */
  | "crashes";

/** A world that implements the ports, and hands on it that users have. */
export interface ContractWorld extends AsyncDisposable {
  readonly revisions: Revisions;
  readonly dests: Dests;
  readonly scale: Scale;
  readonly wakingPods: WakingPods;
  readonly routes: Routes;
  /**
   * Makes a Service `NAME` in namespace `default`, ports 80 (`http`) and 9090 (`metrics`), with a workload behind
   * it that has no pods. Applied once more with other annotations it changes the Service.
   */
  deploy(name: string, options: DeployOptions): Promise<RevisionId>;
  /** Takes a Service and its workload out. */
  remove(id: RevisionId): Promise<void>;
}

export interface DeployOptions {
  readonly behaviour: Behaviour;
  readonly annotations: Readonly<Record<string, string>>;
}
