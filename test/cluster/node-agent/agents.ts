/** The node agents of the test cluster, and endpoints that stand in for them. */
import { readFileSync, readdirSync } from "node:fs";
import { readOptions } from "../options.ts";
import type { TestCluster } from "../cluster.ts";
import { PATIENCE } from "../cluster.ts";
import { until } from "../setup/exec.ts";
import { SYSTEM } from "../setup/product.ts";
import { stateDir } from "../setup/state.ts";

export const AGENT = "pilotlight-node-agent";
const AGENTS = "app.kubernetes.io/component=node-agent";
const STAND_IN = "stand-in-agent";

/** Chart values that switch the agents on; the socket is that of our own cluster's runtime. */
export const agentValues = (): string[] => {
  const { options } = readOptions([], process.env);
  const on = "nodeAgent.enabled=true";
  return options.kind === "own" ? [on, `nodeAgent.socket=${stateDir(options.name).containerdSocket}`] : [on];
};

interface PodView {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly podIP: string };
}

/** Waits for an agent; its address and its node. */
export const anAgent = async (cluster: TestCluster): Promise<{ ip: string; node: string }> => {
  await cluster.kubectl("rollout", "status", `daemonset/${AGENT}`, "-n", SYSTEM, "--timeout=120s");
  const [pod] = await cluster.list<PodView>("pods", SYSTEM, AGENTS);
  return { ip: pod!.status.podIP, node: pod!.spec.nodeName };
};

/** The agent's process; the tests share the processes of our own cluster. */
export const agentPid = (): Promise<number> =>
  until("the agent's process", PATIENCE, () =>
    readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .map(Number)
      .find((pid) => commandLine(pid).startsWith("/usr/bin/node\0/app/cli/main.js\0node-agent")),
  );

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
};

/** Takes the agents off every node. */
export const withoutAgents = async (cluster: TestCluster): Promise<void> => {
  await cluster.install([...agentValues(), "nodeAgent.nodeSelector.nowhere=here"]);
  await until("the agents to go", PATIENCE, async () => {
    const pods = await cluster.list("pods", SYSTEM, AGENTS);
    return pods.length === 0 ? true : undefined;
  });
};

/** Tells the activators of an agent at this address; returns when they have had time to hear of it. */
export const standIn = (
  cluster: TestCluster,
  at: { readonly ip: string; readonly port: number; readonly node: string },
): Promise<void> =>
  cluster.apply(
    [
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: STAND_IN, labels: { "kubernetes.io/service-name": AGENT } },
        addressType: "IPv4",
        ports: [{ name: "agent", port: at.port, protocol: "TCP" }],
        endpoints: [{ addresses: [at.ip], nodeName: at.node, conditions: { ready: true } }],
      },
    ],
    SYSTEM,
  );

export const noStandIn = (cluster: TestCluster): Promise<string> =>
  cluster.kubectl("delete", "endpointslice", STAND_IN, "-n", SYSTEM, "--ignore-not-found");
