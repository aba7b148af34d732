/** `pilotlight autoscaler`: the autoscaler as a process in a pod. */
import * as z from "zod/mini";
import { createAdmin } from "#core/admin.ts";
import { rulesFor } from "#core/divergences.ts";
import { watchActivators } from "#core/kube/activator-list.ts";
import { keepHeapSmall } from "#core/heap.ts";
import { AUTOSCALER_LEASE, leaderIdentity } from "#core/kube/autoscaler-address.ts";
import { EventRecorder } from "#core/kube/event-recorder.ts";
import { Election } from "#core/kube/lease.ts";
import { listenHost, podEnv } from "#core/kube/pod-identity.ts";
import { KubeWorld } from "#core/kube/world.ts";
import { performWrite } from "#core/kube/write.ts";
import type { Part } from "#core/lifecycle.ts";
import { autoscalerEnv } from "../../autoscaler/config.ts";
import { buildHpaKeeper, buildRouting } from "../../autoscaler/build.ts";
import { command } from "../command.ts";
import { type ComponentContext, runComponent } from "../component.ts";
import { clusterConfig, type ConfigOptions } from "../config-feed.ts";
import { Leadership } from "../leadership.ts";

const schema = z.extend(autoscalerEnv, podEnv.shape);

export const autoscaler = command({
  summary: "decide how many pods each Service has, and route it (runs in a pod)",
  usage: "",
  options: {},
  details: `
Settings are read from the environment; docs/reference.md lists them. Of several only the one that holds the Lease
decides; the others are ready to go on from what the cluster holds. On SIGTERM the Lease is let go at once.`,
  run: () => {
    keepHeapSmall();
    return runComponent("autoscaler", schema, partsOf);
  },
});

type Env = z.output<typeof schema>;

/**
 * 1. the admin port, 2. the config, 3. what the cluster has, 4. the routing, which acts only for a leader,
 * 5. the election, which starts and stops the deciding.
 */
const partsOf = (env: Env, context: ComponentContext): Part[] => {
  const { client, clock, log, namespace } = context;
  const strictKnative = env.PILOTLIGHT_STRICT_KNATIVE === "true";
  const events = new EventRecorder({
    ...context,
    component: "pilotlight-autoscaler",
    instance: env.POD_NAME,
  });
  const { config, parts } = clusterConfig(context, { strictKnative, rejected: rejectedBy(events) });
  const world = new KubeWorld({ client, clock, log, config, autoscalers: true });
  const service = env.PILOTLIGHT_ACTIVATOR_SERVICE;
  const activators = watchActivators({ client, clock, log, namespace, service });
  const leading = (): boolean => election.leading;
  const listen = { host: hostOf(env), port: env.PILOTLIGHT_STAT_PORT };
  const adminPort = env.PILOTLIGHT_ACTIVATOR_ADMIN_PORT;
  const common = { ...context, world, config, events, leading, activators, adminPort };
  const routing = buildRouting(common);
  const lost = (address: string): void => routing.lost(address);
  const leadership = new Leadership({ ...common, strictKnative, listen, lost });
  const hpas = buildHpaKeeper({
    ...common,
    rules: rulesFor(strictKnative),
    claims: world.claims,
    autoscalers: world.ownAutoscalers,
    write: (write) => performWrite(client, write),
  });
  const election: Election = electionOf(env, context, (won) => {
    leadership.changed(won);
    if (!won) return;
    routing.reconsider();
    hpas.reconsider();
  });
  const isSynced = (): boolean => world.synced && activators.watch.synced;
  const admin = adminOf(env, { ...context, isSynced, leadership });
  return [admin, ...parts, ...world.parts, activators.watch, routing, hpas, leadership, election];
};

const electionOf = (env: Env, context: ComponentContext, onChange: (leading: boolean) => void): Election =>
  new Election({
    ...context,
    key: `${context.namespace}/${AUTOSCALER_LEASE}`,
    identity: leaderIdentity(env.POD_NAME, env.POD_IP, env.PILOTLIGHT_STAT_PORT),
    onChange,
  });

const hostOf = (env: Env): string => env.PILOTLIGHT_HOST ?? listenHost(env);

const adminOf = (
  env: Env,
  parts: Pick<ComponentContext, "registry"> & { isSynced: () => boolean; leadership: Leadership },
): Part =>
  createAdmin({
    host: hostOf(env),
    port: env.PILOTLIGHT_ADMIN_PORT,
    registry: parts.registry,
    ready: () => (parts.isSynced() ? undefined : "the cluster is not known yet"),
    pages: { "/explain": (query) => parts.leadership.explain(query.get("service") ?? "") },
  });

const rejectedBy =
  (events: EventRecorder): NonNullable<ConfigOptions["rejected"]> =>
  (error, { metadata }) =>
    events.record({
      about: { apiVersion: "v1", kind: "ConfigMap", metadata },
      type: "Warning",
      reason: "ConfigRejected",
      message: `${error}; the last good config stays in force`,
    });
