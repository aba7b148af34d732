/** Where the API server keeps the kinds of objects that Pilotlight knows. */
export interface Resource {
  /** `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly base: string;
  readonly plural: string;
}

const core = (plural: string): Resource => ({ base: "/api/v1", plural });
const group = (name: string, plural: string): Resource => ({ base: `/apis/${name}`, plural });

export const resources = {
  services: core("services"),
  endpoints: core("endpoints"),
  pods: core("pods"),
  events: core("events"),
  configMaps: core("configmaps"),
  deployments: group("apps/v1", "deployments"),
  statefulSets: group("apps/v1", "statefulsets"),
  endpointSlices: group("discovery.k8s.io/v1", "endpointslices"),
  leases: group("coordination.k8s.io/v1", "leases"),
  horizontalPodAutoscalers: group("autoscaling/v2", "horizontalpodautoscalers"),
} as const satisfies Record<string, Resource>;

/** The path of all objects of a kind, in one namespace or in all. */
export const pathOfAll = (resource: Resource, namespace?: string): string =>
  namespace === undefined
    ? `${resource.base}/${resource.plural}`
    : `${resource.base}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}`;

/** The path of one object, by `namespace/name`. */
export const pathOfKey = (resource: Resource, key: string, subresource?: string): string => {
  const slash = key.indexOf("/");
  const path = `${pathOfAll(resource, key.slice(0, slash))}/${encodeURIComponent(key.slice(slash + 1))}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
};
