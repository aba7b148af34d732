import type { Clock } from "#core/clock.ts";
import type { ActivatorList } from "#core/kube/activator-list.ts";
import type { KubeClient } from "#core/kube/client.ts";
import type { EventRecorder } from "#core/kube/event-recorder.ts";
import { readOthers } from "#core/kube/others.ts";
import type { KubeWorld } from "#core/kube/world.ts";
import { performWrite } from "#core/kube/write.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import { probe } from "#core/probe.ts";
import { createNews } from "./news.ts";
import { PresentActivators } from "./present-activators.ts";
import type { Connects } from "./listening.ts";
import { type RouteCluster, RouteController } from "./route-controller.ts";

export interface RoutingDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: KubeClient;
  readonly world: Pick<KubeWorld, "claims" | "slices" | "scale" | "dests">;
  /** The claims as they are to be looked at; absent = as they are. */
  readonly claims?: RouteCluster["claims"];
  readonly activators: Pick<ActivatorList, "list" | "subscribe">;
  /** A port that every activator listens on; absent = it is not asked whether one that was lost has ended. */
  readonly adminPort?: number;
  readonly events: Pick<EventRecorder, "record">;
  /** Only the leader writes. */
  readonly leading: () => boolean;
  readonly hasty?: () => boolean;
}

export interface Routing extends Part {
  /** Looks at every Service: at the start of a leadership. */
  reconsider(): void;
  /** The activator at this address has lost its connection to us, and may have ended. */
  lost(address: string): void;
}

const CONNECT_MS = 500;
const TCP = { kind: "tcp", portIndex: 0, timeoutMs: CONNECT_MS, periodMs: 0 } as const;

/** Puts the routing together. It does nothing before `start`. */
export const routing = (deps: RoutingDeps): Routing => {
  const { clock, adminPort } = deps;
  const connect = (host: string, port: number) =>
    probe({ key: `${host}:${port}`, host, ports: [port] }, TCP, { clock });
  const refuses = async (address: string): Promise<boolean> => {
    const verdict = await connect(address, adminPort!);
    return !verdict.ready && verdict.why === "refused";
  };
  const activators = new PresentActivators({ clock, activators: deps.activators, refuses });
  const connects = async (address: string, port: number) => (await connect(address, port)).ready;
  const controller = controllerOf({ ...deps, activators }, connects);
  return {
    name: controller.name,
    start: () => controller.start(),
    stop: () => {
      activators.stop();
      return controller.stop();
    },
    reconsider: () => controller.reconsider(),
    lost: (address) => {
      if (adminPort !== undefined) activators.lost(address);
    },
  };
};

const controllerOf = (deps: RoutingDeps, connects: Connects): RouteController => {
  const { clock, log, client, world, activators, events, leading } = deps;
  const { claims, slices, scale, dests } = world;
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
    connects,
    news: createNews(clock, ({ claim, type, reason, message }) => {
      const about = { apiVersion: "v1", kind: "Service", metadata: claim.service.metadata };
      log.info({ service: claim.id, reason, message }, "told the user");
      events.record({ about, type, reason, message });
    }),
  });
};
