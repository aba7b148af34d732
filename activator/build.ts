import type { Registry } from "prom-client";
import { type Admin, type AdminOptions, createAdmin } from "#core/admin.ts";
import type { Clock, Millis } from "#core/clock.ts";
import { type Part, startAll, stopAll } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Dests, Peers, Revisions, Route, Routes, Scale, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { StatSink } from "#core/stat.ts";
import { TimerWheel } from "#core/timer-wheel.ts";
import { RevisionBackends } from "./backends/revision-backends.ts";
import type { ActivatorConfig } from "./config.ts";
import { Forwarder } from "./forward/forwarder.ts";
import { LaneEngine } from "./lane/lane-engine.ts";
import { Listener } from "./listen/listener.ts";
import { ActivatorMetrics } from "./metrics.ts";
import { buildPipeline } from "./pipeline.ts";
import { ConcurrencyReporter } from "./stats/concurrency-reporter.ts";
import { type StatSinkDeps, WebSocketStatSink } from "./stats/stat-sink.ts";
import { followPeers } from "./throttle/follow-peers.ts";
import { Throttler } from "./throttle/throttler.ts";
import type { ColdStart } from "./wake/cold-start.ts";
import { Waker } from "./wake/waker.ts";

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
  /** Who else serves each revision; absent = nobody. */
  readonly peers?: Peers;
  /** Told of each cold start that ended with a pod accepting; `ms` as in `Traffic.lastColdStartMs`. */
  readonly onColdStart?: (id: RevisionId, ms: Millis) => void;
  /** More pages for the admin port, by path. */
  readonly pages?: NonNullable<AdminOptions["pages"]>;
}

/** One revision for a table: what the activator has to do for it now. */
interface Traffic {
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

/** Where an activator's stats go when the autoscaler is another process. */
export const statSinkTo = (deps: StatSinkDeps): WebSocketStatSink => new WebSocketStatSink(deps);

/** Puts an activator together. It does nothing before `start`. */
export const buildActivator = (deps: ActivatorDeps): Activator => new AssembledActivator(deps);

class AssembledActivator implements Activator {
  readonly name = "activator";
  readonly #deps: ActivatorDeps;
  readonly #throttler = new Throttler();
  readonly #wheel: TimerWheel;
  readonly #engine: LaneEngine;
  readonly #waker: Waker;
  readonly #listener: Listener;
  readonly #admin: Admin;
  readonly #metrics: ActivatorMetrics;
  /** In the order of their start. The admin port is there before everything else and goes last. */
  readonly #parts: readonly Part[];
  #forgetting: Disposable | undefined;
  #started = false;

  constructor(deps: ActivatorDeps) {
    this.#deps = deps;
    const { clock, log, registry, config, revisions } = deps;
    const throttler = this.#throttler;
    this.#wheel = new TimerWheel(clock);
    const forwarding = { clock, wheel: this.#wheel, ...config };
    this.#engine = new LaneEngine({ ...forwarding, general: new Forwarder(forwarding) });
    this.#metrics = new ActivatorMetrics(registry, {
      revisions: () => revisions.list(),
      traffic: ({ id }) => throttler.snapshot(id),
      clientConnections: () => this.#listener.connections,
      podConnections: () => this.#engine.connections,
    });
    const backends = new RevisionBackends({ ...deps, throttler });
    this.#waker = new Waker({
      ...deps,
      backends,
      throttler,
      onColdStart: (start) => this.#onColdStart(start),
    });
    const counter = new ConcurrencyReporter({ clock, sink: deps.statSink, podName: deps.podName });
    this.#listener = this.#buildListener(backends, counter);
    this.#admin = createAdmin({
      host: config.host,
      port: config.adminPort,
      registry,
      ready: () => this.#problem(),
      pages: deps.pages ?? {},
    });
    const { peers } = deps;
    const following = peers === undefined ? [] : [followPeers({ peers, revisions, throttler })];
    this.#parts = [this.#admin, ...following, backends, this.#waker, counter, this.#listener];
    log.debug({ config }, "activator built");
  }

  get adminPort(): number | undefined {
    return this.#admin.port;
  }

  get frontPort(): number | undefined {
    return this.#listener.frontPort;
  }

  traffic(id: RevisionId): Traffic {
    const { inFlight, queued } = this.#throttler.snapshot(id);
    const last = this.#waker.lastColdStart(id);
    return {
      inFlight,
      queued,
      coldStarts: this.#waker.coldStarts(id),
      lastColdStartMs: last?.phases.accepted,
    };
  }

  inFlightAt(id: RevisionId, destKey: string): number {
    return this.#throttler.inFlightAt(id, destKey);
  }

  async start(): Promise<void> {
    const { revisions } = this.#deps;
    this.#forgetting = revisions.subscribe((id) => {
      if (revisions.get(id) === undefined) this.#metrics.remove(id);
    });
    await startAll(this.#parts, this.#deps.log);
    this.#started = true;
  }

  async stop(signal: AbortSignal): Promise<void> {
    await stopAll(this.#parts, this.#deps.log, signal);
    this.#forgetting?.[Symbol.dispose]();
    this.#engine.close();
    this.#wheel[Symbol.dispose]();
  }

  #buildListener(backends: RevisionBackends, counter: ConcurrencyReporter): Listener {
    const { clock, log, config, revisions, routes } = this.#deps;
    const wheel = this.#wheel;
    const handle = buildPipeline({
      ...config,
      clock,
      log,
      wheel,
      revisions,
      counter,
      throttler: this.#throttler,
      waker: this.#waker,
      engine: this.#engine,
      problem: () => this.#problem(),
      suspect: (id, dest) => backends.suspect(id, dest),
      onEnd: (revision, code, ms) => {
        // What ends after its revision has gone would bring its label sets back.
        if (revisions.get(revision.id) !== undefined) this.#metrics.requestEnded(revision, code, ms);
      },
      onWaited: (revision, ms) => this.#metrics.waited(revision, ms),
      onRetry: (revision) => this.#metrics.retried(revision),
    });
    const onRefused = ({ code }: { code: string }) => this.#metrics.refused(code);
    const http1 = { handle, onRefused, limits: config };
    const protocolOf = ({ id, portIndex }: Route) => revisions.get(id)?.ports[portIndex]?.protocol ?? "http1";
    const limitsOf = ({ id }: Route) => revisions.get(id)?.clientLimits;
    const frontPort = config.frontPort;
    return new Listener({ ...config, clock, log, wheel, routes, protocolOf, limitsOf, frontPort, http1 });
  }

  /** Why no request should be sent here. */
  #problem(): string | undefined {
    if (this.#listener.draining) return "shutting down";
    return this.#started ? undefined : "starting";
  }

  #onColdStart(start: ColdStart): void {
    this.#metrics.coldStarted(start);
    if (start.outcome === "accepted") this.#deps.onColdStart?.(start.id, start.phases.accepted ?? 0);
  }
}
