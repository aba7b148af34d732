/** Holds the config in force, the last good ConfigMap. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { AutoscalerConfig, AutoscalerConfigResult, ConfigSource } from "./autoscaler-config.ts";
import type { Logger } from "./log.ts";

/** What a ConfigMap holds. */
export type ConfigData = Readonly<Record<string, string>>;

export interface ConfigFeedOptions {
  /** In force until the first good data come: the defaults. */
  readonly initial: AutoscalerConfig;
  readonly parse: (data: ConfigData) => AutoscalerConfigResult;
  readonly log: Logger;
  readonly registry: Registry;
  /** Told the exact error of data that cannot be used: becomes an Event on the ConfigMap. */
  readonly rejected?: (error: string) => void;
}

/**
 * The config in force, fed with whatever the ConfigMap holds. Data that cannot be used leave the last good ones
 * in force (`knative.md` 2.1, hot reload) and are told of in log, metrics and `rejected`. A ConfigMap that is
 * deleted is not fed: then too the last good one stays.
 */
export class ConfigFeed implements ConfigSource {
  readonly #options: ConfigFeedOptions;
  readonly #listeners = new Set<() => void>();
  readonly #metrics: ReturnType<typeof feedMetrics>;
  #current: AutoscalerConfig;
  #seen: string | undefined;

  constructor(options: ConfigFeedOptions) {
    this.#options = options;
    this.#current = options.initial;
    this.#metrics = feedMetrics(options.registry);
    this.#metrics.valid.set(1);
  }

  current(): AutoscalerConfig {
    return this.#current;
  }

  subscribe(listener: () => void): Disposable {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Takes the data in force from now on, if they are good. The same data again change and tell nothing. */
  feed(data: ConfigData): AutoscalerConfigResult {
    const result = this.#options.parse(data);
    const text = JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (text === this.#seen) return result;
    this.#seen = text;
    this.#metrics.valid.set(result.ok ? 1 : 0);
    if (result.ok) this.#accept(result.config);
    else this.#reject(result.error);
    return result;
  }

  #accept(config: AutoscalerConfig): void {
    this.#current = config;
    this.#metrics.loads.inc({ outcome: "accepted" });
    this.#options.log.info({ config }, "config-autoscaler is in force");
    for (const listener of this.#listeners) listener();
  }

  #reject(error: string): void {
    this.#metrics.loads.inc({ outcome: "rejected" });
    this.#options.log.error(
      { err: error },
      "config-autoscaler cannot be used, the last good one stays in force",
    );
    this.#options.rejected?.(error);
  }
}

const feedMetrics = (registry: Registry) => ({
  valid: new Gauge({
    name: "pilotlight_config_valid",
    help: "1 while the newest config-autoscaler is in force, 0 while it cannot be used and an older one is.",
    registers: [registry],
  }),
  loads: new Counter({
    name: "pilotlight_config_loads_total",
    help: "Changes of config-autoscaler by outcome: accepted or rejected.",
    labelNames: ["outcome"],
    registers: [registry],
  }),
});
