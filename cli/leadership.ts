import type { Registry } from "prom-client";
import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Millis } from "#core/clock.ts";
import type { ActivatorList } from "#core/kube/activator-list.ts";
import type { EventRecorder } from "#core/kube/event-recorder.ts";
import { decidedAbout } from "#core/kube/revisions.ts";
import type { KubeWorld } from "#core/kube/world.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { type Autoscaler, buildAutoscaler, scaleIdleFirst } from "../autoscaler/build.ts";
import { serviceEvents } from "./autoscaler-events.ts";
import type { ComponentContext } from "./component.ts";
import { idlePods } from "./idle-pods.ts";

export interface LeadershipDeps extends ComponentContext {
  readonly world: KubeWorld;
  readonly config: ConfigSource;
  readonly events: EventRecorder;
  readonly leading: () => boolean;
  readonly strictKnative: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  readonly activators: Pick<ActivatorList, "list">;
  /** The activators' admin port. */
  readonly adminPort: number;
  /** The connection of an activator at this address has ended. */
  readonly lost: (address: string) => void;
}

/** A waking activator's write takes about 10 ms, and 50 when the API server is busy. */
const ACTIVATORS_TURN_MS: Millis = 50;

/**
 * The autoscaler of each time that this process leads: made when leadership is won and stopped when it is lost,
 * so that nothing that was measured before is decided by afterwards.
 */
export class Leadership implements Part {
  readonly name = "leadership";
  readonly #deps: LeadershipDeps;
  #autoscaler: Autoscaler | undefined;
  /** Those of the present autoscaler: they end with it. */
  #metrics: readonly string[] = [];
  #change: Promise<void> = Promise.resolve();

  constructor(deps: LeadershipDeps) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.changed(false);
    await this.#change;
  }

  changed(leading: boolean): void {
    this.#change = this.#change
      .then(() => (leading ? this.#begin() : this.#end()))
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error, leading }, "change of leadership failed"),
      );
  }

  explain(id: RevisionId): unknown {
    return this.#autoscaler?.explain(id);
  }

  async #begin(): Promise<void> {
    if (this.#autoscaler !== undefined) return;
    const { clock, log, registry, world, config, events, listen, strictKnative, lost } = this.#deps;
    const before = new Set(namesIn(registry));
    this.#autoscaler = buildAutoscaler({
      clock,
      log,
      registry,
      revisions: world.revisions(decidedAbout),
      scale: this.#scale(),
      config,
      events: serviceEvents(world.claims, events),
      listen,
      lost,
      strictKnative,
      activatorsTurn: ACTIVATORS_TURN_MS,
    });
    this.#metrics = namesIn(registry).filter((name) => !before.has(name));
    await this.#autoscaler.start();
  }

  async #end(): Promise<void> {
    const autoscaler = this.#autoscaler;
    if (autoscaler === undefined) return;
    this.#autoscaler = undefined;
    await autoscaler.stop(AbortSignal.abort());
    for (const name of this.#metrics) this.#deps.registry.removeSingleMetric(name);
  }

  /** A write that is under way when leadership ends is the last one. */
  #scale(): Scale {
    const { world, leading } = this.#deps;
    const guarded: Scale = {
      wanted: (id) => world.scale.wanted(id),
      pods: (id) => world.scale.pods(id),
      apply: async (id, replicas, options) => {
        if (!leading()) throw new Error("another autoscaler leads");
        return world.scale.apply(id, replicas, options);
      },
    };
    return scaleIdleFirst(guarded, idlePods(this.#deps));
  }
}

const namesIn = (registry: Registry): string[] => registry.getMetricsAsArray().map(({ name }) => name);
