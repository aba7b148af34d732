import { isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import { pathOfKey, resources } from "./resources.ts";

/**
 * Of the pods of a ReplicaSet those with the lowest cost are deleted first
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#pod-deletion-cost).
 */
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/** Writes each pod's cost; a pod that is gone by now does not matter. Rejects with an `ApiError`. */
export const writeDeletionCosts = async (
  client: KubeClient,
  namespace: string,
  costs: ReadonlyMap<string, number>,
): Promise<void> => {
  const writes = [...costs].map(async ([pod, cost]) => {
    const body = { metadata: { annotations: { [DELETION_COST]: String(cost) } } };
    const path = pathOfKey(resources.pods, `${namespace}/${pod}`);
    await client.call({ method: "PATCH", path, body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  });
  await Promise.all(writes);
};
