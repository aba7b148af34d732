import type { Autoscaled } from "./claims.ts";
import { APP_MANAGED_BY, PILOTLIGHT } from "./names.ts";
import { NamespaceIndex } from "./namespace-index.ts";
import type { KubeObject } from "./objects.ts";
import type { Store } from "./watch.ts";
import type { WorkloadRef } from "./workload.ts";

/** A HorizontalPodAutoscaler, as far as it is looked at. */
export interface UserAutoscaler extends KubeObject {
  readonly spec?: { readonly scaleTargetRef?: Partial<WorkloadRef> };
}

/** Those that we made do not count. */
export const slimUserAutoscaler = (object: UserAutoscaler): UserAutoscaler | undefined => {
  const { name, namespace, resourceVersion, labels } = object.metadata;
  if (labels?.[APP_MANAGED_BY] === PILOTLIGHT) return undefined;
  const metadata = { name, namespace, resourceVersion } as UserAutoscaler["metadata"];
  const { scaleTargetRef } = object.spec ?? {};
  return { metadata, ...(scaleTargetRef === undefined ? {} : { spec: { scaleTargetRef } }) };
};

const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");

/** Which workloads the user's HorizontalPodAutoscalers scale. */
export const autoscaledBy = (store: Store<UserAutoscaler>): Autoscaled => {
  const index = new NamespaceIndex(store);
  return {
    by: (namespace, { ref }) => {
      for (const { metadata, spec } of index.in(namespace).values()) {
        const target = spec?.scaleTargetRef;
        if (target?.kind !== ref.kind || target.name !== ref.name) continue;
        if (groupOf(target.apiVersion ?? "") === groupOf(ref.apiVersion)) return metadata.name;
      }
      return undefined;
    },
    subscribe: (listener) =>
      store.subscribe((_key, now, before) => listener((now ?? before)?.metadata.namespace ?? "")),
  };
};
