import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { ConfigFeed } from "#core/config-source.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import type { Clock } from "#core/clock.ts";
import type { PodCounts, Revisions, Scale } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { type Autoscaler, type AutoscalerDeps, buildAutoscaler } from "../../autoscaler/build.ts";

/** Concurrent requests that one pod is aimed at: `target: 10` at 70 %. */
export const PER_POD = 7;

const idOf = (index: number): RevisionId => `bench/service-${index}`;

export const revisionIds = (count: number): RevisionId[] => Array.from({ length: count }, (_, i) => idOf(i));

const annotations = { "autoscaling.knative.dev/target": "10", "autoscaling.knative.dev/max-scale": "50" };

const revisionOf = (id: RevisionId): Revision => ({
  id,
  namespace: "bench",
  name: id.slice("bench/".length),
  annotations: { ...annotations },
  ports: [],
  probe: { kind: "external" },
  containerConcurrency: 0,
  queueDepth: 10_000,
  timeoutMs: 300_000,
  responseStartTimeoutMs: 0,
  idleTimeoutMs: 0,
});

/** A cluster in memory: pods are ready at once, as an informer's cache would tell. */
class InstantScale implements Scale {
  readonly told = new Map<RevisionId, number>();
  changes = 0;

  async wanted(id: RevisionId): Promise<number> {
    return this.told.get(id)!;
  }
  async apply(id: RevisionId, replicas: number, options?: { readonly onlyIf?: number }): Promise<boolean> {
    if (options?.onlyIf !== undefined && options.onlyIf !== this.told.get(id)) return false;
    this.told.set(id, replicas);
    this.changes++;
    return true;
  }
  async pods(id: RevisionId): Promise<PodCounts> {
    return { ready: this.told.get(id)!, notReady: 0, pending: 0, terminating: 0 };
  }
}

export interface BenchWorld {
  readonly autoscaler: Autoscaler;
  readonly scale: InstantScale;
  readonly ids: readonly RevisionId[];
}

/** An autoscaler over `count` revisions of `pods` pods each, not started yet. */
export const benchWorld = (
  count: number,
  pods: number,
  deps: { readonly clock: Clock } & Partial<AutoscalerDeps>,
): BenchWorld => {
  const ids = revisionIds(count);
  const known = new Map(ids.map((id) => [id, revisionOf(id)]));
  const scale = new InstantScale();
  for (const id of ids) scale.told.set(id, pods);
  const revisions: Revisions = {
    get: (id) => known.get(id),
    list: () => [...known.values()],
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const registry = createRegistry({ processMetrics: false });
  const config = new ConfigFeed({
    initial: defaultConfig,
    parse: parseAutoscalerConfig,
    log: silentLogger,
    registry,
  });
  const autoscaler = buildAutoscaler({ log: silentLogger, registry, revisions, scale, config, ...deps });
  return { autoscaler, scale, ids };
};
