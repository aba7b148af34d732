import type { Registry } from "prom-client";
import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Clock } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Revisions, Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { StatMessage } from "#core/stat.ts";
import type { AutoscalerEvents } from "./events.ts";
import type { Explanation } from "./explain/explanation.ts";

export interface AutoscalerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly revisions: Revisions;
  readonly scale: Scale;
  readonly config: ConfigSource;
  readonly events?: AutoscalerEvents;
  /** Where activators of other processes send their stats (port 0 = a free one); absent = only `receive`. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Switches every named divergence from Knative off (`core/divergences.ts`). */
  readonly strictKnative?: boolean;
}

/** One revision for a table: where it stands and why. */
export interface AutoscalerStatus {
  /** Pods it should have; −1 = not known yet. */
  readonly desired: number;
  readonly readyPods: number;
  readonly state: "inactive" | "activating" | "active";
  readonly panicking: boolean;
  /** Why `desired` is what it is, with numbers. */
  readonly reason: string;
}

export interface Autoscaler extends Part {
  /** Takes the stats of an activator in this process; `source` names it. Never throws, never waits. */
  receive(source: string, batch: readonly StatMessage[]): void;
  explain(id: RevisionId): Explanation | undefined;
  status(id: RevisionId): AutoscalerStatus | undefined;
  /** Where the stat server listens; undefined without `listen`, or before `start`. */
  readonly statPort: number | undefined;
}
