import { Registry } from "prom-client";
import { Forwarder } from "../../activator/forward/forwarder.ts";
import { LaneEngine } from "../../activator/lane/lane-engine.ts";
import { Listener } from "../../activator/listen/listener.ts";
import { buildPipeline } from "../../activator/pipeline.ts";
import { type ActivatorConfig, defaultActivatorConfig } from "../../activator/config.ts";
import { Throttler } from "../../activator/throttle/throttler.ts";
import { type Clock, systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import type { Dest, Route } from "#core/ports.ts";
import type { Revision } from "#core/revision.ts";
import { TimerWheel } from "#core/timer-wheel.ts";
import { RawSocket } from "./raw-socket.ts";
import { revisionOf } from "./revision.ts";

export interface DataPathOptions {
  readonly revision?: Partial<Revision>;
  readonly dests?: readonly Dest[];
  readonly config?: Partial<ActivatorConfig>;
  readonly clock?: Clock;
  /** What cold starts took that were seen before. */
  readonly usualStartMs?: number;
  readonly routes?: (revision: Revision) => readonly Route[];
}

/**
 * The activator's data path without what decides about pods: listener, pipeline, throttler and forwarding on real
 * sockets. A test gives and takes dests by hand.
 */
export class DataPath implements AsyncDisposable {
  readonly revision: Revision;
  readonly throttler = new Throttler();
  readonly listener: Listener;
  readonly engine: LaneEngine;
  readonly wheel: TimerWheel;
  readonly registry = new Registry();
  /** Every request that has ended: the status it was counted under. */
  readonly ended: number[] = [];
  readonly suspected: string[] = [];
  readonly refused: string[] = [];
  woken = 0;
  retries = 0;
  inFlight = 0;
  #stopped = false;

  private constructor(options: DataPathOptions) {
    const clock = options.clock ?? systemClock;
    const config = {
      ...defaultActivatorConfig,
      host: "127.0.0.1",
      frontPort: 0,
      drainMs: 0,
      lane: process.env["PILOTLIGHT_LANE"] !== "off",
      ...options.config,
    };
    this.revision = revisionOf(options.revision);
    this.wheel = new TimerWheel(clock);
    const forwarding = { clock, wheel: this.wheel, ...config };
    this.engine = new LaneEngine({ ...forwarding, general: new Forwarder(forwarding) });
    const handle = buildPipeline({
      ...config,
      clock,
      log: silentLogger,
      wheel: this.wheel,
      problem: () => (this.listener.draining ? "shutting down" : undefined),
      revisions: {
        get: (id) => (id === this.revision.id ? this.revision : undefined),
        list: () => [],
        subscribe: never,
      },
      counter: { enter: () => this.#enter() },
      onEnd: (_, code) => void this.ended.push(code),
      throttler: this.throttler,
      waker: {
        wake: () => void this.woken++,
        waking: () => true,
        lastColdStart: () => undefined,
        usualStart: () => options.usualStartMs,
      },
      engine: this.engine,
      suspect: (_, dest) => void this.suspected.push(dest.key),
      onWaited: () => {},
      onRetry: () => void this.retries++,
    });
    this.listener = new Listener({
      ...config,
      clock,
      log: silentLogger,
      wheel: this.wheel,
      routes: { list: () => options.routes?.(this.revision) ?? [], subscribe: never },
      protocolOf: ({ portIndex }) => this.revision.ports[portIndex]!.protocol,
      limitsOf: () => this.revision.clientLimits,
      frontPort: config.frontPort,
      http1: { handle, onRefused: ({ code }) => void this.refused.push(code), limits: config },
    });
    if (options.dests !== undefined) this.setDests(...options.dests);
  }

  static async start(options: DataPathOptions = {}): Promise<DataPath> {
    const path = new DataPath(options);
    await path.listener.start();
    return path;
  }

  #enter(): Disposable {
    this.inFlight++;
    return { [Symbol.dispose]: () => void this.inFlight-- };
  }

  setDests(...dests: Dest[]): void {
    this.throttler.update(this.revision.id, dests);
  }

  get port(): number {
    return this.listener.frontPort!;
  }

  /** A client's connection. Requests need the Host `hello.default`. */
  connect(): Promise<RawSocket> {
    return RawSocket.connect(this.port);
  }

  /** As `stop` with a signal that has aborted. */
  async stop(signal = AbortSignal.abort()): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.listener.stop(signal);
    this.engine.close();
    this.wheel[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

const never = (): Disposable => ({ [Symbol.dispose]: () => {} });
