import { isNotFound } from "./api-error.ts";
import type { Call, KubeClient } from "./client.ts";
import { pathOfAll, pathOfKey, resources } from "./resources.ts";

/** One write as data, so that what is to be written can be planned by pure functions. */
export type KubeWrite =
  | {
      readonly verb: "create";
      readonly resource: ResourceName;
      readonly namespace: string;
      readonly body: object;
    }
  /** `body` carries the resource version that it was based on, for these two. */
  | { readonly verb: "replace"; readonly resource: ResourceName; readonly key: string; readonly body: object }
  | { readonly verb: "merge"; readonly resource: ResourceName; readonly key: string; readonly body: object }
  | {
      readonly verb: "delete";
      readonly resource: ResourceName;
      readonly key: string;
      /** Only this very object; absent = whatever has that name. */
      readonly uid?: string;
    };

type ResourceName = keyof typeof resources;

const callOf = (write: KubeWrite): Call => {
  const resource = resources[write.resource];
  if (write.verb === "create") {
    return { method: "POST", path: pathOfAll(resource, write.namespace), body: write.body };
  }
  const path = pathOfKey(resource, write.key);
  if (write.verb === "replace") return { method: "PUT", path, body: write.body };
  if (write.verb === "merge") return { method: "PATCH", path, body: write.body, patch: "merge" };
  const preconditions = write.uid === undefined ? {} : { preconditions: { uid: write.uid } };
  return { method: "DELETE", path, body: { kind: "DeleteOptions", apiVersion: "v1", ...preconditions } };
};

/** Carries out one write. What is to be deleted and is already gone counts as done. Rejects with an `ApiError`. */
export const performWrite = async (client: KubeClient, write: KubeWrite): Promise<void> => {
  try {
    await client.call(callOf(write));
  } catch (error) {
    if (write.verb !== "delete" || !isNotFound(error)) throw error;
  }
};
