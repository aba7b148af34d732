import { ApiError } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import { type Resource, resources } from "./resources.ts";

interface ApiResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

/** Kinds of objects by the names that users write. */
export interface ApiKinds {
  /** Where objects of a kind are. Rejects with an `ApiError`, 404 when the cluster has no such kind. */
  resource(apiVersion: string, kind: string): Promise<Resource>;
}

const known = new Map<string, Resource>([
  ["apps/v1/Deployment", resources.deployments],
  ["apps/v1/StatefulSet", resources.statefulSets],
]);

/** Asks the API server what it calls a kind (discovery); what it said is remembered. */
export const createKinds = (client: KubeClient): ApiKinds => {
  const found = new Map(known);
  return {
    resource: async (apiVersion, kind) => {
      const key = `${apiVersion}/${kind}`;
      const before = found.get(key);
      if (before !== undefined) return before;
      const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const list = await client.call<ApiResourceList>({ method: "GET", path: base });
      const entry = (list.resources ?? []).find(({ name, kind: k }) => k === kind && !name.includes("/"));
      if (entry === undefined) {
        throw new ApiError(`the cluster has no kind ${kind} in ${apiVersion}`, {
          status: 404,
          reason: "NotFound",
        });
      }
      const resource = { base, plural: entry.name };
      found.set(key, resource);
      return resource;
    },
  };
};
