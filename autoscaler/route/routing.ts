import type { Clock } from "#core/clock.ts";
import type { ActivatorList } from "#core/kube/activator-list.ts";
import type { KubeClient } from "#core/kube/client.ts";
import type { EventRecorder } from "#core/kube/event-recorder.ts";
import { readOthers } from "#core/kube/others.ts";
import type { KubeWorld } from "#core/kube/world.ts";
import { performWrite } from "#core/kube/write.ts";
import type { Logger } from "#core/log.ts";
import { probe } from "#core/probe.ts";
import { createNews } from "./news.ts";
import { type RouteCluster, RouteController } from "./route-controller.ts";

export interface RoutingDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: KubeClient;
  readonly world: Pick<KubeWorld, "claims" | "slices" | "scale" | "dests">;
  /** The claims as they are to be looked at; absent = as they are. */
  readonly claims?: RouteCluster["claims"];
  readonly activators: Pick<ActivatorList, "list" | "subscribe">;
  readonly events: Pick<EventRecorder, "record">;
  /** Only the leader writes. */
  readonly leading: () => boolean;
  readonly hasty?: () => boolean;
}

const CONNECT_MS = 500;

/** Puts the routing together. It does nothing before `start`. */
export const routing = (deps: RoutingDeps): RouteController => {
  const { clock, log, client, world, activators, events, leading } = deps;
  const { claims, slices, scale, dests } = world;
  const how = { kind: "tcp", portIndex: 0, timeoutMs: CONNECT_MS, periodMs: 0 } as const;
  return new RouteController({
    clock,
    log,
    leading,
    ...(deps.hasty === undefined ? {} : { hasty: deps.hasty }),
    cluster: {
      claims: deps.claims ?? claims,
      slices,
      activators,
      replicas: (id) => claims.workload(id)?.object.spec?.replicas,
      pods: { ready: (id) => dests.get(id).ready.length, subscribe: (listener) => dests.subscribe(listener) },
      write: (write) => performWrite(client, write),
      others: (id) => readOthers(client, id),
      scaleUp: async (id, replicas) => void (await scale.apply(id, replicas)),
    },
    connects: async (address, port) => {
      const dest = { key: `${address}:${port}`, host: address, ports: [port] };
      return (await probe(dest, how, { clock })).ready;
    },
    news: createNews(clock, ({ claim, type, reason, message }) => {
      const about = { apiVersion: "v1", kind: "Service", metadata: claim.service.metadata };
      log.info({ service: claim.id, reason, message }, "told the user");
      events.record({ about, type, reason, message });
    }),
  });
};
