import * as z from "zod/mini";
import { podTemplateSchema } from "#core/manifest/objects.ts";
import type { KubeObject, Service, Workload } from "./objects.ts";
import { keyOf } from "./objects.ts";
import type { Store } from "./watch.ts";
import type { HorizontalPodAutoscaler, WorkloadGuardStores } from "./workload-guard.ts";

/** Objects from files in the place of those that a cluster tells of. What is not readable is not there. */

const metadata = z.looseObject({ name: z.string(), namespace: z._default(z.string(), "default") });
const strings = z.record(z.string(), z.string());

const workload = (kind: string) =>
  z.looseObject({
    kind: z.literal(kind),
    apiVersion: z.literal("apps/v1"),
    metadata,
    spec: z.looseObject({ template: podTemplateSchema }),
  });

const schemas = {
  services: z.looseObject({
    kind: z.literal("Service"),
    metadata: z.extend(metadata, { annotations: z.optional(strings) }),
    spec: z.looseObject({ selector: z.optional(strings) }),
  }),
  deployments: workload("Deployment"),
  statefulSets: workload("StatefulSet"),
  autoscalers: z.looseObject({
    kind: z.literal("HorizontalPodAutoscaler"),
    metadata,
    spec: z.looseObject({
      scaleTargetRef: z.looseObject({
        apiVersion: z.optional(z.string()),
        kind: z.string(),
        name: z.string(),
      }),
    }),
  }),
};

export const storesOfManifests = (objects: readonly unknown[]): WorkloadGuardStores => ({
  services: storeOf<Service>(schemas.services, objects),
  deployments: storeOf<Workload>(schemas.deployments, objects),
  statefulSets: storeOf<Workload>(schemas.statefulSets, objects),
  autoscalers: storeOf<HorizontalPodAutoscaler>(schemas.autoscalers, objects),
});

const storeOf = <T extends KubeObject>(schema: z.ZodMiniType, objects: readonly unknown[]): Store<T> => {
  const found = new Map<string, T>();
  for (const object of objects) {
    const read = schema.safeParse(object);
    if (read.success) found.set(keyOf(read.data as T), read.data as T);
  }
  return {
    get: (key) => found.get(key),
    values: () => found.values(),
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
    synced: true,
  };
};
