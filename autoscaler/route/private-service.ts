import type { Selector } from "#core/annotations/selector.ts";
import { APP_MANAGED_BY, PILOTLIGHT, PRIVATE_OF, REPLICAS_BEFORE, privateName } from "#core/kube/names.ts";
import type { Service, ServicePort } from "#core/kube/objects.ts";

/** The Service itself as the owner of what we make for it, so that Kubernetes removes it with the Service. */
export const ownerOf = ({ metadata }: Service) => ({
  apiVersion: "v1",
  kind: "Service",
  name: metadata.name,
  uid: metadata.uid ?? "",
});

/** A headless Service keeps names, target ports and protocols; a node port would be reserved twice. */
const portOf = ({ name, port, targetPort, protocol, appProtocol }: ServicePort): ServicePort => ({
  ...(name === undefined ? {} : { name }),
  port,
  targetPort: targetPort ?? port,
  protocol: protocol ?? "TCP",
  ...(appProtocol === undefined ? {} : { appProtocol }),
});

/**
 * `NAME-private`: a headless Service with the user's selector, so that Kubernetes itself goes on keeping the
 * pods' slices. `replicas` is what the workload has before we scale it.
 */
export const privateServiceOf = (
  service: Service,
  selector: Selector,
  replicas: number | undefined,
): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: privateName(service.metadata.name),
    namespace: service.metadata.namespace ?? "default",
    labels: { [PRIVATE_OF]: service.metadata.name, [APP_MANAGED_BY]: PILOTLIGHT },
    ...(replicas === undefined ? {} : { annotations: { [REPLICAS_BEFORE]: String(replicas) } }),
    ownerReferences: [ownerOf(service)],
  },
  spec: {
    type: "ClusterIP",
    clusterIP: "None",
    selector,
    ports: (service.spec.ports ?? []).map(portOf),
    ...(service.spec.ipFamilies === undefined ? {} : { ipFamilies: service.spec.ipFamilies }),
    ...(service.spec.ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy: service.spec.ipFamilyPolicy }),
  },
});

const portsText = (ports: readonly ServicePort[]): string =>
  JSON.stringify(ports.map((port) => Object.entries(portOf(port)).sort(([a], [b]) => (a < b ? -1 : 1))));

const pairs = (labels: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The private Service brought up to date, or undefined when it is. Its recorded replicas stay. */
export const privateServiceUpdate = (now: Service, wanted: Service): Service | undefined => {
  const same =
    pairs(now.spec.selector) === pairs(wanted.spec.selector) &&
    portsText(now.spec.ports ?? []) === portsText(wanted.spec.ports ?? []) &&
    now.metadata.labels?.[PRIVATE_OF] === wanted.metadata.labels?.[PRIVATE_OF];
  if (same) return undefined;
  return {
    ...now,
    metadata: { ...now.metadata, labels: { ...now.metadata.labels, ...wanted.metadata.labels } },
    spec: { ...now.spec, selector: wanted.spec.selector ?? {}, ports: wanted.spec.ports ?? [] },
  };
};

/** The replicas that the workload had before Pilotlight; at least one, since a Service given back must serve. */
export const replicasBefore = (privateService: Service | undefined): number => {
  const recorded = Number(privateService?.metadata.annotations?.[REPLICAS_BEFORE]);
  return Number.isInteger(recorded) && recorded > 0 ? recorded : 1;
};
