/** `pilotlight node-agent`: the node agent as a process in a pod. */
import { tokenReviewer } from "#core/kube/token-review.ts";
import { buildNodeAgent } from "../../node-agent/build.ts";
import { nodeAgentConfig, nodeAgentEnv } from "../../node-agent/config.ts";
import { command } from "../command.ts";
import { runComponent } from "../component.ts";

export const nodeAgent = command({
  summary: "tell activators a starting pod's address before kubelet does (runs in a pod on each node)",
  usage: "",
  options: {},
  details: `
It asks the container runtime over its socket, reads only, and only while an activator waits. Settings are read from
the environment; docs/reference.md lists them, docs/kubernetes/node-agent.md says what it needs and what it gains.`,
  run: () =>
    runComponent("node-agent", nodeAgentEnv, (env, { client, clock, log, registry }) => [
      buildNodeAgent({ clock, log, registry, config: nodeAgentConfig(env), reviewer: tokenReviewer(client) }),
    ]),
});
