import { servedBy } from "#core/kube/revisions.ts";
import { watchNodeAgents } from "#core/kube/agent-watch.ts";
import { watchLeader } from "#core/kube/autoscaler-address.ts";
import { listenHost, podEnv } from "#core/kube/pod-identity.ts";
import { keepWarm } from "#core/kube/warm.ts";
import { KubeWorld } from "#core/kube/world.ts";
import type { Part } from "#core/lifecycle.ts";
import { z } from "zod";
import { buildActivator, statSinkTo } from "../../activator/build.ts";
import { activatorConfig, activatorEnv } from "../../activator/config.ts";
import { command } from "../command.ts";
import { type ComponentContext, runComponent } from "../component.ts";
import { clusterConfig } from "../config-feed.ts";

const schema = activatorEnv.extend(podEnv.shape).extend({
  PILOTLIGHT_NODE_AGENT_SERVICE: z
    .string()
    .default("")
    .describe("the node agents' Service in Pilotlight's namespace; unset = there are none"),
  PILOTLIGHT_NODE_AGENT_TOKEN_FILE: z
    .string()
    .default("/var/run/secrets/pilotlight/node-agent/token")
    .describe("the activator's token for the node agents"),
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

/** 1. the config, 2. what the cluster has, 3. the way to the autoscaler, 4. the activator itself. */
const partsOf = (env: z.output<typeof schema>, context: ComponentContext): Part[] => {
  const { client, clock, log, registry, namespace } = context;
  const { config, parts } = clusterConfig(context, { strictKnative: false });
  const agents = agentsOf(env, context);
  const source = agents === undefined ? {} : { source: agents.source };
  const world = new KubeWorld({ client, clock, log, config, autoscalers: false, ...source });
  const host = process.env["PILOTLIGHT_HOST"] ?? listenHost(env);
  const statSink = statSinkTo({ clock, log, registry, urls: [] });
  const leader = watchLeader({
    client,
    clock,
    log,
    namespace,
    onLeader: (address) => statSink.retarget([address]),
  });
  const built = buildActivator({
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
  });
  return [
    ...parts,
    ...world.parts,
    ...(agents?.parts ?? []),
    keepWarm(client, clock),
    statSink,
    leader,
    built,
  ];
};

const agentsOf = (env: z.output<typeof schema>, context: ComponentContext) => {
  const { PILOTLIGHT_NODE_AGENT_SERVICE: service, PILOTLIGHT_NODE_AGENT_TOKEN_FILE: tokenFile } = env;
  return service === "" ? undefined : watchNodeAgents({ ...context, service, tokenFile });
};
