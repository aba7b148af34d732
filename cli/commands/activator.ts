/** `pilotlight activator`: the activator as a process in a pod. */
import { servedBy } from "#core/kube/revisions.ts";
import { watchNodeAgents } from "#core/kube/agent-watch.ts";
import { watchLeader } from "#core/kube/autoscaler-address.ts";
import { listenHost, podEnv } from "#core/kube/pod-identity.ts";
import { keepWarm } from "#core/kube/warm.ts";
import { KubeWorld } from "#core/kube/world.ts";
import type { Part } from "#core/lifecycle.ts";
import type { StatSink } from "#core/stat.ts";
import * as z from "zod/mini";
import { setting } from "#core/setting.ts";
import { type Activator, buildActivator, statSinkTo } from "../../activator/build.ts";
import { activatorConfig, activatorEnv } from "../../activator/config.ts";
import { command } from "../command.ts";
import { type ComponentContext, runComponent } from "../component.ts";
import { clusterConfig } from "../config-feed.ts";
import { IN_FLIGHT_PAGE } from "../idle-pods.ts";

const schema = z.extend(z.extend(activatorEnv, podEnv.shape), {
  PILOTLIGHT_NODE_AGENT_SERVICE: setting(
    z.string(),
    "",
    "the node agents' Service in Pilotlight's namespace; unset = there are none",
  ),
  PILOTLIGHT_NODE_AGENT_TOKEN_FILE: setting(
    z.string(),
    "/var/run/secrets/pilotlight/node-agent/token",
    "the activator's token for the node agents",
  ),
});

export const activator = command({
  summary: "hold requests of idle Services, wake them, forward to their pods (runs in a pod)",
  usage: "",
  options: {},
  details: `
Settings are read from the environment; docs/reference.md lists them. On SIGTERM it stops being ready, serves on
while the cluster learns of it, and ends when its requests have ended.`,
  run: () => runComponent("activator", schema, partsOf),
});

type Env = z.output<typeof schema>;

/** 1. the config, 2. what the cluster has, 3. the way to the autoscaler, 4. the activator itself. */
const partsOf = (env: Env, context: ComponentContext): Part[] => {
  const { client, clock, log, namespace } = context;
  const { config, parts } = clusterConfig(context, { strictKnative: false });
  const agents = agentsOf(env, context);
  const source = agents === undefined ? {} : { source: agents.source };
  const warm = keepWarm(client, clock);
  const onPodWatch = warm.refill;
  const world = new KubeWorld({ client, clock, log, config, autoscalers: false, onPodWatch, ...source });
  const statSink = statSinkTo({ ...context, urls: [] });
  const onLeader = (address: string): void => statSink.retarget([address]);
  const leader = watchLeader({ client, clock, log, namespace, onLeader });
  const built = activatorOn(world, { env, context, statSink });
  return [...parts, ...world.parts, ...(agents?.parts ?? []), warm, statSink, leader, built];
};

const activatorOn = (
  world: KubeWorld,
  { env, context, statSink }: { env: Env; context: ComponentContext; statSink: StatSink },
): Activator => {
  const { clock, log, registry } = context;
  const host = process.env["PILOTLIGHT_HOST"] ?? listenHost(env);
  const built: Activator = buildActivator({
    clock,
    log,
    registry,
    podName: env.POD_NAME,
    config: { ...activatorConfig(env), host },
    revisions: world.revisions(servedBy),
    dests: world.dests,
    routes: world.routes(host),
    scale: world.scale,
    wakingPods: world.wakingPods,
    statSink,
    peers: world.peers(env.POD_IP),
    // Which of a Service's pods are idle, for the autoscaler that is about to take some away.
    pages: { [IN_FLIGHT_PAGE]: (query) => inFlight(query.get("service") ?? "") },
  });
  const inFlight = (id: string): Record<string, number> =>
    Object.fromEntries(world.dests.get(id).ready.map(({ key }) => [key, built.inFlightAt(id, key)]));
  return built;
};

const agentsOf = (env: Env, context: ComponentContext) => {
  const { PILOTLIGHT_NODE_AGENT_SERVICE: service, PILOTLIGHT_NODE_AGENT_TOKEN_FILE: tokenFile } = env;
  return service === "" ? undefined : watchNodeAgents({ ...context, service, tokenFile });
};
