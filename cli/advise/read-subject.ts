/** Reads from a cluster what advice about one Service is based on. */
import type { AdviceSubject, PodShape } from "#core/advice/subject.ts";
import { ownKeys } from "#core/annotations/own.ts";
import { parseSelector } from "#core/annotations/selector.ts";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { millisOf } from "#core/clock.ts";
import type { KubeClient } from "#core/kube/client.ts";
import { listAll } from "#core/kube/list.ts";
import type { KubeObject, Service, Workload } from "#core/kube/objects.ts";
import { workloadFor } from "#core/kube/resolve.ts";
import { pathOfAll, pathOfKey, resources } from "#core/kube/resources.ts";
import { type FoundWorkload, type NamespaceWorkloads, selects } from "#core/kube/workload.ts";
import { recordedStarts } from "./recorded-starts.ts";

/** Throws an `ApiError`, or an error that says why the Service has no workload. */
export const readSubject = async (client: KubeClient, key: string): Promise<AdviceSubject> => {
  const service = await client.call<Service>({ method: "GET", path: pathOfKey(resources.services, key) });
  const annotations = service.metadata.annotations ?? {};
  const moved = annotations[ownKeys.selector];
  const selector = moved === undefined ? service.spec.selector : parseSelector(moved);
  const found = workloadFor(service, selector, await workloadsIn(client, service.metadata.namespace ?? ""));
  if ("refusal" in found) throw new Error(`${key}: ${found.refusal.message}`);
  const { ref, object } = found.workload;
  const spec = (object.spec?.template?.spec ?? { containers: [] }) as PodSpec;
  const [pod, starts, nodes] = await Promise.all([
    withAccount(client, service.metadata.namespace ?? "", spec),
    recordedStarts(client, key).catch(() => undefined),
    nodesOf(client).catch(() => undefined),
  ]);
  return {
    workload: `${ref.kind.toLowerCase()}/${ref.name}`,
    pod,
    windowMs: millisOf(resolveSettings(annotations, defaultConfig).stableWindow),
    starts,
    nodes,
  };
};

interface PodSpec extends PodShape {
  readonly serviceAccountName?: string;
}

/** Whether a token is mounted is for the pod to say, and for its ServiceAccount where the pod does not. */
const withAccount = async (client: KubeClient, namespace: string, pod: PodSpec): Promise<PodShape> => {
  if (pod.automountServiceAccountToken !== undefined) return pod;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.serviceAccountName ?? "default"}`;
  const account = await client.call<ServiceAccount>({ method: "GET", path }).catch(() => undefined);
  return account?.automountServiceAccountToken === false
    ? { ...pod, automountServiceAccountToken: false }
    : pod;
};

interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
}

const workloadsIn = async (client: KubeClient, namespace: string): Promise<NamespaceWorkloads> => {
  const kinds = [
    ["Deployment", resources.deployments],
    ["StatefulSet", resources.statefulSets],
  ] as const;
  const lists = await Promise.all(
    kinds.map(async ([kind, resource]) => {
      const { items } = await listAll<Workload>(client, { path: pathOfAll(resource, namespace) });
      return items.map((object): FoundWorkload => {
        return { ref: { apiVersion: "apps/v1", kind, name: object.metadata.name }, object };
      });
    }),
  );
  const all = lists.flat();
  return {
    byRef: ({ kind, name }) => all.find(({ ref }) => ref.kind === kind && ref.name === name)?.object,
    bySelector: (selector) => all.filter(({ object }) => selects(selector, object)),
  };
};

interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly images?: readonly { readonly names?: readonly string[] }[] };
}

/** Nodes that take pods. Their list of images is cut at 50 by default, so a missing one is a hint, not a fact. */
const nodesOf = async (client: KubeClient): Promise<AdviceSubject["nodes"]> => {
  const { items } = await listAll<Node>(client, { path: "/api/v1/nodes" });
  const open = items.filter(({ spec }) => spec?.unschedulable !== true);
  const names = open.map(
    ({ status }) => new Set((status?.images ?? []).flatMap((image) => image.names ?? [])),
  );
  const spellings = (image: string): string[] => [image, `docker.io/${image}`, `docker.io/library/${image}`];
  return {
    count: open.length,
    withImage: (image) => names.filter((set) => spellings(image).some((name) => set.has(name))).length,
  };
};
