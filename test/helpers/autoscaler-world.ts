import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { ConfigFeed } from "#core/config-source.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import type { Listener, PodCounts, Revisions, Scale } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { StatMessage } from "#core/stat.ts";
import { type Autoscaler, type AutoscalerDeps, buildAutoscaler } from "../../autoscaler/build.ts";
import type { AutoscalerEvent } from "../../autoscaler/events.ts";
import { FakeClock } from "./fake-clock.ts";

export const ID: RevisionId = "default/hello";

export const revisionOf = (
  annotations: Record<string, string> = {},
  over: Partial<Revision> = {},
): Revision => ({
  id: ID,
  namespace: "default",
  name: "hello",
  annotations: Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
  ),
  ports: [],
  probe: { kind: "external" },
  containerConcurrency: 0,
  queueDepth: 1,
  timeoutMs: 1,
  responseStartTimeoutMs: 0,
  idleTimeoutMs: 0,
  ...over,
});

/** A workload whose pods are ready `startMs` after they were asked for and gone at once when they are not. */
export class FakeWorkload implements Scale {
  told: number;
  ready: number;
  startMs = 700;
  /** Thrown by the call of that name while set. */
  failing: { pods?: Error; wanted?: Error; apply?: Error } = {};
  /** Runs between reading and writing: somebody else is faster. */
  beforeApply: (() => void) | undefined;
  /** Hears of each write before it is made. */
  onWrite: ((from: number, to: number) => void) | undefined;
  /** What was written, with seconds since the clock's start. */
  readonly writes: string[] = [];
  reads = 0;
  readonly #clock: FakeClock;
  readonly #start: number;

  constructor(clock: FakeClock, told: number) {
    this.#clock = clock;
    this.#start = clock.now();
    this.told = told;
    this.ready = told;
  }

  async wanted(): Promise<number> {
    this.reads++;
    if (this.failing.wanted !== undefined) throw this.failing.wanted;
    return this.told;
  }

  async apply(_id: RevisionId, replicas: number, options?: { readonly onlyIf?: number }): Promise<boolean> {
    if (this.failing.apply !== undefined) throw this.failing.apply;
    this.beforeApply?.();
    if (options?.onlyIf !== undefined && options.onlyIf !== this.told) return false;
    this.onWrite?.(this.told, replicas);
    this.writes.push(`${(this.#clock.now() - this.#start) / 1000} s: ${this.told} to ${replicas}`);
    this.set(replicas);
    return true;
  }

  async pods(): Promise<PodCounts> {
    if (this.failing.pods !== undefined) throw this.failing.pods;
    return { ready: this.ready, notReady: this.told - this.ready, pending: 0, terminating: 0 };
  }

  /** What anybody may do. */
  set(replicas: number): void {
    this.told = replicas;
    if (replicas < this.ready) this.ready = replicas;
    else
      this.#clock.after(this.startMs, () => {
        this.ready = Math.max(this.ready, Math.min(replicas, this.told));
      });
  }
}

class FakeRevisions implements Revisions {
  readonly #known = new Map<RevisionId, Revision>();
  readonly #listeners = new Set<Listener>();

  get(id: RevisionId): Revision | undefined {
    return this.#known.get(id);
  }
  list(): readonly Revision[] {
    return [...this.#known.values()];
  }
  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
  put(revision: Revision): void {
    this.#known.set(revision.id, revision);
    for (const listener of this.#listeners) listener(revision.id);
  }
  remove(id: RevisionId): void {
    this.#known.delete(id);
    for (const listener of this.#listeners) listener(id);
  }
}

export const stat = (concurrency: number, count = 0, podName = "activator-1"): StatMessage => ({
  id: ID,
  stat: {
    podName,
    averageConcurrentRequests: concurrency,
    averageProxiedConcurrentRequests: 0,
    requestCount: count,
    proxiedRequestCount: 0,
    processUptime: 0,
    timestamp: 0n,
  },
});

export interface LifeOptions {
  readonly clock: FakeClock;
  readonly workload: FakeWorkload;
  readonly annotations?: Record<string, string>;
  readonly revision?: Partial<Revision>;
  readonly config?: Record<string, string>;
  readonly deps?: Partial<AutoscalerDeps>;
}

/** An autoscaler that looks after one revision; its first tick comes 2 s from now. */
export const startLife = async (options: LifeOptions) => {
  const { clock, workload, annotations = {}, config = {}, deps = {} } = options;
  const registry = createRegistry({ processMetrics: false });
  const feed = new ConfigFeed({
    initial: defaultConfig,
    parse: parseAutoscalerConfig,
    log: silentLogger,
    registry,
  });
  feed.feed(config);
  const revisions = new FakeRevisions();
  revisions.put(revisionOf(annotations, options.revision));
  const events: AutoscalerEvent[] = [];
  const autoscaler: Autoscaler = buildAutoscaler({
    clock,
    log: silentLogger,
    registry,
    revisions,
    scale: workload,
    config: feed,
    events: (event) => void events.push(event),
    ...deps,
  });
  await autoscaler.start();
  const send = (concurrency: number, count = 0, podName = "activator-1"): void =>
    autoscaler.receive(podName, [stat(concurrency, count, podName)]);
  /** Reports once a second, at whole seconds. */
  const report = async (seconds: number, concurrency: number, podName = "activator-1"): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      send(concurrency, concurrency, podName);
      await clock.advance(1000);
    }
  };
  return { autoscaler, feed, registry, revisions, events, send, report };
};

/** The same on a clock and a workload of its own that is told `told` pods; with what is read of it most. */
export const beginLife = async (told: number, options: Omit<LifeOptions, "clock" | "workload"> = {}) => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, told);
  const life = await startLife({ clock, workload, ...options });
  const state = () => life.autoscaler.status(ID)!.state;
  const metric = async (name: string, labels: Record<string, string> = {}): Promise<number | undefined> => {
    const { values } = await life.registry.getSingleMetric(`pilotlight_autoscaler_${name}`)!.get();
    const same = (have: object): boolean =>
      Object.entries(labels).every(([key, value]) => (have as Record<string, string>)[key] === value);
    return values.find((value) => same(value.labels))?.value;
  };
  return { clock, workload, state, metric, ...life };
};
