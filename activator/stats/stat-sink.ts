/** Sends stats to the autoscalers, drops and counts what none can take. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Clock } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import { encodeStats } from "#core/stat-codec.ts";
import type { StatMessage, StatSink } from "#core/stat.ts";
import { StatLink } from "./stat-link.ts";

export interface StatSinkDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** `ws://host:port` of each autoscaler that is to hear everything; may be empty, and may change later. */
  readonly urls: readonly string[];
  /** In [0, 1), for the jitter between tries. */
  readonly random?: () => number;
}

/**
 * Messages in one frame. A frame of thousands would make the other end hold as many objects at once, long enough
 * for them to be kept: four times the work for its collector of garbage.
 */
const FRAME = 100;

/**
 * Sends stats to the autoscalers over WebSockets: binary frames to each that is connected. What
 * finds none connected is dropped and counted; nothing is kept for later, since a stat is about one second.
 */
export class WebSocketStatSink implements StatSink, Part {
  readonly name = "stat-sink";
  readonly #deps: StatSinkDeps;
  readonly #links = new Map<string, StatLink>();
  readonly #metrics: ReturnType<typeof sinkMetrics>;
  #urls: readonly string[];
  #running = false;

  constructor(deps: StatSinkDeps) {
    this.#deps = deps;
    this.#urls = deps.urls;
    this.#metrics = sinkMetrics(deps.registry, () => this.connected);
  }

  /** Links that are open now. */
  get connected(): number {
    let open = 0;
    for (const link of this.#links.values()) if (link.connected) open++;
    return open;
  }

  start(): Promise<void> {
    this.#running = true;
    this.retarget(this.#urls);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#running = false;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    return Promise.resolve();
  }

  /** From now on exactly these are told. Links to those that stay are not touched. */
  retarget(urls: readonly string[]): void {
    this.#urls = urls;
    if (!this.#running) return;
    for (const [url, link] of this.#links) {
      if (urls.includes(url)) continue;
      link.close();
      this.#links.delete(url);
    }
    for (const url of urls) if (!this.#links.has(url)) this.#links.set(url, this.#link(url));
  }

  send(batch: readonly StatMessage[]): void {
    for (let at = 0; at < batch.length; at += FRAME) this.#sendFrame(batch.slice(at, at + FRAME));
  }

  #sendFrame(messages: readonly StatMessage[]): void {
    let sent = false;
    if (this.connected > 0) {
      const frame = encodeStats(messages);
      for (const link of this.#links.values()) sent = link.send(frame) || sent;
    }
    this.#metrics.messages.inc({ outcome: sent ? "sent" : "dropped" }, messages.length);
  }

  #link(url: string): StatLink {
    return new StatLink(url, {
      clock: this.#deps.clock,
      log: this.#deps.log,
      random: this.#deps.random ?? Math.random,
      failed: () => this.#metrics.errors.inc(),
    });
  }
}

const sinkMetrics = (registry: Registry, connected: () => number) => ({
  messages: new Counter({
    name: "pilotlight_activator_stat_messages_total",
    help: "Stats handed to an autoscaler, or dropped because none was connected.",
    labelNames: ["outcome"],
    registers: [registry],
  }),
  errors: new Counter({
    name: "pilotlight_activator_stat_link_errors_total",
    help: "Connections to an autoscaler that could not be made or ended.",
    registers: [registry],
  }),
  reachable: new Gauge({
    name: "pilotlight_activator_stat_links",
    help: "Connections to autoscalers that are open.",
    registers: [registry],
    collect() {
      this.set(connected());
    },
  }),
});
