/** Puts activator, autoscaler and embedded cluster together in one process. */
import type { Registry } from "prom-client";
import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Clock } from "#core/clock.ts";
import { ConfigFeed } from "#core/config-source.ts";
import { startAll, stopAll } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Route } from "#core/ports.ts";
import { buildActivator, type Activator } from "../activator/build.ts";
import { defaultActivatorConfig } from "../activator/config.ts";
import { buildAutoscaler, type Autoscaler, type AutoscalerDeps } from "../autoscaler/build.ts";
import type { LocalEvent } from "./events.ts";
import type { Plan } from "./plan/plan.ts";
import { podEventOf } from "./report/world-events.ts";
import { RouteTable } from "./world/routes.ts";
import { World, type WorldDeps } from "./world/world.ts";

export interface ClusterDeps extends Omit<WorldDeps, "busy"> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** 0 = a free one. */
  readonly adminPort: number;
  readonly tell: (event: LocalEvent) => void;
}

const HOST = "127.0.0.1";
/** The name of the activator in its stats. */
const ACTIVATOR = "local";

/** Activator, autoscaler and embedded cluster in one process: each only knows the ports of the others. */
export class Cluster {
  readonly world: World;
  readonly routes = new RouteTable();
  readonly activator: Activator;
  readonly autoscaler: Autoscaler;
  readonly #config: ConfigFeed;
  readonly #log: Logger;

  constructor(deps: ClusterDeps) {
    const { clock, log, registry, tell } = deps;
    this.#log = log;
    this.#config = new ConfigFeed({
      initial: defaultConfig,
      parse: (data) => parseAutoscalerConfig(data),
      log,
      registry,
    });
    this.world = new World({ ...deps, busy: (id, key) => this.activator.inFlightAt(id, key) });
    this.world.state.podChanged.subscribe((event) => {
      const told = podEventOf(event);
      if (told !== undefined) tell(told);
    });
    this.autoscaler = buildAutoscaler({
      clock,
      log: log.child({ component: "autoscaler" }),
      registry,
      revisions: this.world.scaled,
      scale: this.world.scale(),
      config: this.#config,
      events: autoscalerEvents(tell),
    });
    this.activator = this.#buildActivator(deps);
  }

  #buildActivator({ clock, log, registry, adminPort, tell }: ClusterDeps): Activator {
    const { world, routes, autoscaler } = this;
    return buildActivator({
      clock,
      log: log.child({ component: "activator" }),
      registry,
      podName: ACTIVATOR,
      config: { ...defaultActivatorConfig, host: HOST, adminPort, drainMs: 0 },
      revisions: world.revisions,
      dests: world.dests,
      routes,
      scale: world.scale((service, from, to) =>
        tell({
          event: "scaled",
          service,
          from,
          to,
          cause: "request",
          reason: "a request came, and no pod ran",
        }),
      ),
      wakingPods: world.wakingPods,
      statSink: { send: (batch) => autoscaler.receive(ACTIVATOR, batch) },
      onColdStart: (service, ms) => tell({ event: "cold-start", service, ms }),
      pages: { "/explain": (query) => autoscaler.explain(query.get("service") ?? "") },
    });
  }

  /** Makes a plan the one in force, before `start` or while it runs. */
  apply(plan: Plan, routes: readonly Route[]): void {
    this.#config.feed(plan.autoscalerConfig);
    this.world.apply(plan);
    this.routes.replace(routes);
  }

  /** When one part cannot start, nothing is left of the others. */
  async start(): Promise<void> {
    await this.world.start();
    await startAll([this.autoscaler, this.activator], this.#log);
  }

  /**
   * Running requests finish, then pods end in good order. When `drained` aborts, requests are cut off; when
   * `killed` aborts, pods are ended at once.
   */
  async stop({
    drained,
    killed,
  }: {
    readonly drained: AbortSignal;
    readonly killed: AbortSignal;
  }): Promise<void> {
    await stopAll([this.autoscaler, this.activator], this.#log, drained);
    if (killed.aborted) this.world.kill();
    else killed.addEventListener("abort", () => this.world.kill(), { once: true });
    await this.world.stop();
  }

  get adminUrl(): string {
    return `http://${HOST}:${this.activator.adminPort}`;
  }
}

const autoscalerEvents =
  (tell: (event: LocalEvent) => void): NonNullable<AutoscalerDeps["events"]> =>
  (event) => {
    if (event.kind === "scaled") {
      const { id, from, to, cause, reason } = event;
      tell({ event: "scaled", service: id, from, to, cause, reason });
    } else if (event.kind === "scale-failed") {
      tell({ event: "scale-failed", service: event.id, wanted: event.wanted, error: event.error });
    }
  };
