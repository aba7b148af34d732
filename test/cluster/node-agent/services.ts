/** Services at zero that are woken once. */
import type { Client } from "../client.ts";
import type { KubeObject, TestCluster } from "../cluster.ts";
import { untilTakenOver } from "../e2e/pilotlight.ts";
import { helloDeployment, helloService } from "../objects.ts";

const AT_ZERO = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };

export interface AtZero {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly client: Client;
}

/** A hello server at zero; `container` is merged over its container. */
const deploy = async (
  { cluster, namespace }: AtZero,
  name: string,
  container: KubeObject = {},
): Promise<void> => {
  const service = helloService(name, { annotations: AT_ZERO });
  await cluster.apply([helloDeployment(name, { container }), service], namespace);
  await untilTakenOver(cluster, namespace, name);
};

/** Deploys it and sends its first request: the answer, and the phases of `Server-Timing`. */
export const coldStart = async (
  at: AtZero,
  name: string,
): Promise<{ status: number | undefined; body: string | undefined; phases: string[] }> => {
  await deploy(at, name);
  const { status, body, headers } = await at.client.fetch({ url: `http://${name}/` });
  const timing = headers?.["Server-Timing"] ?? headers?.["server-timing"] ?? "";
  return { status, body, phases: timing.split(",").map((entry) => entry.trim().split(";")[0]!) };
};
