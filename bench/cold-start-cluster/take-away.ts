import type { KubeClient } from "#core/kube/client.ts";
import { ApiError } from "#core/kube/api-error.ts";
import { until } from "../../test/cluster/setup/exec.ts";
import type { Workload } from "./floor.ts";

interface PodList {
  readonly items: readonly unknown[];
}

/**
 * Deletes a workload that has been measured, with its Service if it has one, and waits until no pod is left in its
 * namespace: a pod's end takes the node about as much CPU as its start, and would make the next start slower.
 */
export const takeAway = async (client: KubeClient, { namespace, name }: Workload): Promise<void> => {
  await remove(client, `/api/v1/namespaces/${namespace}/services/${name}`);
  await remove(client, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  await until("the pods to be gone", 60_000, async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await client.call<PodList>({ method: "GET", path });
    return items.length === 0 ? true : undefined;
  });
};

const remove = async (client: KubeClient, path: string): Promise<void> => {
  const body = { propagationPolicy: "Background" };
  try {
    await client.call({ method: "DELETE", path, body });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
};
