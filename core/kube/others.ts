import { isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import { listAll } from "./list.ts";
import { FOREIGN_MANAGERS, SERVICE_NAME, SLICE_MANAGED_BY } from "./names.ts";
import type { EndpointSlice } from "./objects.ts";
import { pathOfAll, pathOfKey, resources } from "./resources.ts";

/** What Kubernetes's own controllers wrote for a Service. */
export interface Others {
  /** Slices of the endpoint controller and of the mirroring controller. */
  readonly slices: readonly EndpointSlice[];
  /** Whether there is a legacy `Endpoints` object. */
  readonly endpoints: boolean;
}

const managers: readonly string[] = FOREIGN_MANAGERS;

/** Reads it from the API server, for the Service `namespace/name`. */
export const readOthers = async (client: KubeClient, service: string): Promise<Others> => {
  const slash = service.indexOf("/");
  const selection = {
    path: pathOfAll(resources.endpointSlices, service.slice(0, slash)),
    labelSelector: `${SERVICE_NAME}=${service.slice(slash + 1)}`,
  };
  const [{ items }, endpoints] = await Promise.all([
    listAll<EndpointSlice>(client, selection),
    hasEndpoints(client, service),
  ]);
  const slices = items.filter(({ metadata }) => managers.includes(metadata.labels?.[SLICE_MANAGED_BY] ?? ""));
  return { slices, endpoints };
};

const hasEndpoints = async (client: KubeClient, service: string): Promise<boolean> => {
  try {
    await client.call({ method: "GET", path: pathOfKey(resources.endpoints, service) });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
};
