/** Puts the autoscaler together, and is all that other parts see of it. */
import type { Registry } from "prom-client";
import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Clock, Millis } from "#core/clock.ts";
import { rulesFor } from "#core/divergences.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Revisions, Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { StatMessage } from "#core/stat.ts";
import { Coverage } from "./coverage.ts";
import type { AutoscalerEvents } from "./events.ts";
import { explain } from "./explain/explain.ts";
import type { Explanation } from "./explain/explanation.ts";
import { reasonOf } from "./explain/reason.ts";
import { type AutoscalerMetrics, autoscalerMetrics } from "./metrics.ts";
import { MultiScaler } from "./multi-scaler.ts";
import { type Routing, type RoutingDeps, routing } from "./route/routing.ts";
import { HpaKeeper, type HpaKeeperDeps } from "./scale/hpa-keeper.ts";
import { type IdleFirstDeps, idleFirst } from "./scale/idle-first.ts";
import { StatServer } from "./receive/stat-server.ts";
import type { Subject } from "./subject.ts";
import { tell } from "./tell.ts";

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
  /** The connection of an activator at this address has ended, for whatever reason. */
  readonly lost?: (address: string) => void;
  /**
   * After a first request at zero its workload is left for so long to the activator that holds it, which raises the
   * scale by itself: our write at the same moment would only be in its way. 0 unless given.
   */
  readonly activatorsTurn?: Millis;
  /** Switches every named divergence from Knative off (`core/divergences.ts`). */
  readonly strictKnative?: boolean;
}

/** One revision for a table: where it stands and why. */
interface AutoscalerStatus {
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

/** On a cluster: what keeps every Service led to the activators, or back to its pods. */
export const buildRouting = (deps: RoutingDeps): Routing => routing(deps);

/** On a cluster: what keeps a HorizontalPodAutoscaler for each Service of class `hpa`. */
export const buildHpaKeeper = (deps: HpaKeeperDeps): HpaKeeper => new HpaKeeper(deps);

/** On a cluster: a scale that lets idle pods go first. */
export const scaleIdleFirst = (scale: Scale, deps: IdleFirstDeps): Scale => idleFirst(scale, deps);

/** Puts the autoscaler together: stat server → multi-scaler → events, metrics, explanations. */
export const buildAutoscaler = (deps: AutoscalerDeps): Autoscaler => {
  const { clock } = deps;
  const coverage = new Coverage(() => clock.now(), deps.listen === undefined);
  const metrics = autoscalerMetrics(deps.registry, () => scaler.subjects());
  const scaler = new MultiScaler({
    clock,
    revisions: deps.revisions,
    scale: deps.scale,
    config: deps.config,
    rules: rulesFor(deps.strictKnative ?? false),
    activatorsTurn: deps.activatorsTurn ?? 0,
    reachableSince: () => coverage.since,
    events: tell({ clock, log: deps.log, metrics, events: deps.events ?? (() => undefined) }),
  });
  const server = statServer(deps, { scaler, coverage, metrics });
  const about = <T>(id: RevisionId, say: (subject: Subject) => T): T | undefined => {
    const subject = scaler.get(id);
    return subject === undefined ? undefined : say(subject);
  };
  return {
    name: "autoscaler",
    // First the loops, so that no stat finds nobody; the other way round at the end.
    start: async () => {
      scaler.start();
      await server?.start();
    },
    stop: async (signal) => {
      await server?.stop(signal);
      scaler.stop();
    },
    receive: (_source, batch) => scaler.receive(batch),
    explain: (id) => about(id, (subject) => explain(subject, clock.now())),
    status: (id) => about(id, statusOf),
    get statPort() {
      return server?.port;
    },
  };
};

interface Receivers {
  readonly scaler: MultiScaler;
  readonly coverage: Coverage;
  readonly metrics: AutoscalerMetrics;
}

const statServer = (
  { listen, clock, log, lost }: AutoscalerDeps,
  { scaler, coverage, metrics }: Receivers,
): StatServer | undefined =>
  listen &&
  new StatServer({
    ...listen,
    clock,
    log,
    receive: (_source, batch) => scaler.receive(batch),
    rejected: metrics.rejected,
    linked: (change) => coverage.linked(change),
    lost: (address) => lost?.(address),
  });

const statusOf = (subject: Subject): AutoscalerStatus => ({
  desired: subject.plan?.want ?? -1,
  readyPods: subject.counts?.ready ?? 0,
  state: subject.condition.state,
  panicking: subject.state?.panic.kind === "panicking",
  reason: reasonOf(subject),
});
