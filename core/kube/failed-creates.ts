import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";
import type { Failure } from "./pod-failure.ts";
import { pathOfAll, resources } from "./resources.ts";
import { watchEvents } from "./watch-events.ts";
import type { WorkloadRef } from "./workload.ts";

interface EventObject extends KubeObject {
  readonly message?: string;
  readonly reason?: string;
  readonly lastTimestamp?: string | null;
  readonly involvedObject?: { readonly name?: string };
}

export interface FailedCreatesOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly workload: WorkloadRef;
  readonly signal: AbortSignal;
}

/**
 * Tells when the controller of a workload cannot make its pods. A Deployment has a condition for that; of a
 * StatefulSet, and of most other kinds, only Events tell. Ends without a word when Events cannot be watched.
 */
export const watchFailedCreates = (options: FailedCreatesOptions, tell: (failure: Failure) => void): void => {
  follow(options, tell).catch(() => undefined);
};

const follow = async (options: FailedCreatesOptions, tell: (failure: Failure) => void): Promise<void> => {
  const { client, namespace, workload, signal } = options;
  const path = pathOfAll(resources.events, namespace);
  const fieldSelector = `involvedObject.kind=${workload.kind},involvedObject.name=${workload.name},reason=FailedCreate`;
  const old = await client.call<{ metadata: { resourceVersion: string } }>({
    method: "GET",
    path,
    query: { fieldSelector, limit: 1 },
    signal,
  });
  const { resourceVersion } = old.metadata;
  const selection = { path, fieldSelector };
  for await (const event of watchEvents<EventObject>(client, selection, {
    resourceVersion,
    timeoutSeconds: 600,
    signal,
  })) {
    if (event.type !== "ADDED" && event.type !== "MODIFIED") continue;
    tell({ reason: "FailedCreate", detail: event.object.message ?? "no pod can be made" });
  }
};
