import { Registry } from "prom-client";
import { type Activator, buildActivator } from "../../activator/build.ts";
import { type ActivatorConfig, defaultActivatorConfig } from "../../activator/config.ts";
import { type Clock, systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import type { Route, Routes } from "#core/ports.ts";
import type { StatMessage } from "#core/stat.ts";
import { MemoryWorld } from "./memory-world.ts";
import { RawSocket } from "./raw-socket.ts";

/** A whole activator on real sockets in a world that a test makes up. */
export class ActivatorWorld implements AsyncDisposable {
  readonly world = new MemoryWorld();
  readonly registry = new Registry();
  readonly stats: StatMessage[] = [];
  readonly activator: Activator;
  #routes: readonly Route[] = [];
  readonly #routeListeners = new Set<() => void>();
  #stopped = false;

  constructor(options: { readonly clock?: Clock; readonly config?: Partial<ActivatorConfig> } = {}) {
    const { revisions, dests, scale, wakingPods } = this.world;
    const routes: Routes = {
      list: () => this.#routes,
      subscribe: (listener) => {
        this.#routeListeners.add(listener);
        return { [Symbol.dispose]: () => void this.#routeListeners.delete(listener) };
      },
    };
    this.activator = buildActivator({
      clock: options.clock ?? systemClock,
      log: silentLogger,
      registry: this.registry,
      podName: "activator-1",
      config: {
        ...defaultActivatorConfig,
        host: "127.0.0.1",
        frontPort: 0,
        adminPort: 0,
        drainMs: 0,
        ...options.config,
      },
      revisions,
      dests,
      scale,
      wakingPods,
      routes,
      statSink: { send: (batch) => void this.stats.push(...batch) },
    });
  }

  setRoutes(...routes: Route[]): void {
    this.#routes = routes;
    for (const listener of this.#routeListeners) listener();
  }

  front(): Promise<RawSocket> {
    return RawSocket.connect(this.activator.frontPort!);
  }

  async page(path: string): Promise<{ status: number; text: string }> {
    const answer = await fetch(`http://127.0.0.1:${this.activator.adminPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  async stop(signal = AbortSignal.abort()): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.activator.stop(signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
