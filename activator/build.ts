import type { Registry } from "prom-client";
import type { AdminOptions } from "#core/admin.ts";
import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Dests, Revisions, Routes, Scale, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { StatSink } from "#core/stat.ts";
import type { ActivatorConfig } from "./config.ts";

export interface ActivatorDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** This activator's name in its stats. */
  readonly podName: string;
  readonly config: ActivatorConfig;
  readonly revisions: Revisions;
  readonly dests: Dests;
  readonly routes: Routes;
  readonly scale: Scale;
  readonly wakingPods: WakingPods;
  readonly statSink: StatSink;
  /** Told of each cold start that ended with a pod accepting; `ms` as in `Traffic.lastColdStartMs`. */
  readonly onColdStart?: (id: RevisionId, ms: Millis) => void;
  /** More pages for the admin port, by path. */
  readonly pages?: NonNullable<AdminOptions["pages"]>;
}

/** One revision for a table: what the activator has to do for it now. */
export interface Traffic {
  /** Requests that are with a pod, upgraded connections included. */
  readonly inFlight: number;
  /** Requests that wait for a pod. */
  readonly queued: number;
  readonly coldStarts: number;
  /** From the first request at zero to the first pod that accepts; undefined before the first cold start. */
  readonly lastColdStartMs: Millis | undefined;
}

export interface Activator extends Part {
  traffic(id: RevisionId): Traffic;
  /** Requests that are with one pod, by its dest's key; also with one that is no longer in the set of dests. */
  inFlightAt(id: RevisionId, destKey: string): number;
  /** Where /metrics, /healthz and /readyz answer; undefined before `start`. */
  readonly adminPort: number | undefined;
  /** The shared port; undefined when there is none, or before `start`. */
  readonly frontPort: number | undefined;
}
