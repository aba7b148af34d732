import type { ActivatorAddress } from "#core/kube/activators.ts";
import type { AddressType, EndpointSlice, Service, ServicePort } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import {
  APP_MANAGED_BY,
  PILOTLIGHT,
  SERVICE_NAME,
  SERVICE_PORT,
  SLICE_MANAGED_BY,
  SLICE_MANAGER,
  sliceName,
} from "#core/kube/names.ts";
import { ownerOf } from "./private-service.ts";
import { publishedOf } from "./published.ts";
import type { RouteState } from "./route-state.ts";

/** One port of the Service in one address family, with the slice that stands for it as far as there is one. */
export interface Lane {
  readonly port: ServicePort;
  readonly family: AddressType;
  readonly slice: EndpointSlice | undefined;
}

export const activatorPortOf = (slice: EndpointSlice | undefined): number | undefined =>
  slice?.ports?.[0]?.port;

const nameIn = (slice: EndpointSlice): string => slice.ports?.[0]?.name ?? "";

/** Families that the Service has and some activator can be reached by; the Service's first comes first. */
export const familiesOf = (service: Service, activators: readonly ActivatorAddress[]): AddressType[] => {
  const wanted = (service.spec.ipFamilies ?? ["IPv4"]) as AddressType[];
  return wanted.filter((family) => activators.some((activator) => activator.family === family));
};

/**
 * Pairs every port and family with our slice for it: by the port's name, else by its number, so that a port
 * that was renamed keeps its reservation and is served without a gap.
 */
export const lanesOf = (state: RouteState): { lanes: Lane[]; rest: EndpointSlice[] } => {
  const ports = state.service.spec.ports ?? [];
  const rest = new Set(state.ours);
  const names = new Set(ports.map(({ name }) => name ?? ""));
  const take = (fits: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
    const slice = [...rest].find(fits);
    if (slice !== undefined) rest.delete(slice);
    return slice;
  };
  const families = familiesOf(state.service, state.activators);
  const lanes = ports.flatMap((port) =>
    families.map((family) => ({
      port,
      family,
      slice:
        take((slice) => slice.addressType === family && nameIn(slice) === (port.name ?? "")) ??
        take(
          (slice) =>
            slice.addressType === family &&
            !names.has(nameIn(slice)) &&
            slice.metadata.annotations?.[SERVICE_PORT] === String(port.port),
        ),
    })),
  );
  return { lanes, rest: [...rest] };
};

const endpointOf = ({ address, nodeName, zone, pod }: ActivatorAddress) => ({
  addresses: [address],
  conditions: { ready: true, serving: true, terminating: false },
  ...(nodeName === undefined ? {} : { nodeName }),
  ...(zone === undefined ? {} : { zone }),
  ...(pod === undefined ? {} : { targetRef: { kind: "Pod", ...pod } }),
});

/**
 * The activators that belong into a lane's slice: ready ones that listen there. Those in the slice already
 * are not asked again. When none is left, the last ones stay: better a late answer than a refusal.
 */
export const publishable = (lane: Lane, state: RouteState) => {
  const port = activatorPortOf(lane.slice);
  const published = lane.slice?.endpoints ?? [];
  const known = new Set(published.map(({ addresses }) => addresses[0]));
  const ready = state.activators.filter(({ family }) => family === lane.family);
  const listens = ({ address }: ActivatorAddress) =>
    known.has(address) || (port !== undefined && state.listening(address, port));
  const listening = ready.filter(listens).toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const fit = publishedOf(keyOf(state.service), listening, state.mostActivators);
  return {
    endpoints: fit.length === 0 ? published : fit.map(endpointOf),
    unknown: port === undefined ? [] : ready.filter((activator) => !listens(activator)),
  };
};

/** A new slice: the reservation of `activatorPort`, without addresses until activators listen there. */
export const newSlice = (lane: Lane, state: RouteState, activatorPort: number): EndpointSlice => {
  const { service, ours } = state;
  const names = new Set(ours.map(({ metadata }) => metadata.name));
  const plain = lane.port.name ?? "";
  // A name is in use by another port when ports have swapped their names.
  let name = sliceName(service.metadata.name, plain, lane.family);
  for (let n = 2; names.has(name); n++) name = sliceName(service.metadata.name, `${plain}/${n}`, lane.family);
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name,
      namespace: service.metadata.namespace ?? "default",
      labels: {
        [SERVICE_NAME]: service.metadata.name,
        [SLICE_MANAGED_BY]: SLICE_MANAGER,
        [APP_MANAGED_BY]: PILOTLIGHT,
      },
      annotations: { [SERVICE_PORT]: String(lane.port.port) },
      ownerReferences: [ownerOf(service)],
    },
    addressType: lane.family,
    endpoints: [],
    ports: [portOf(lane.port, activatorPort)],
  };
};

const portOf = ({ name, appProtocol }: ServicePort, port: number) => ({
  name: name ?? "",
  port,
  protocol: "TCP",
  ...(appProtocol === undefined ? {} : { appProtocol }),
});

/** The lane's slice brought up to date, or undefined when it is. */
export const sliceUpdate = (
  lane: Lane,
  state: RouteState,
  activatorPort: number,
): EndpointSlice | undefined => {
  const { slice } = lane;
  if (slice === undefined) return undefined;
  const moved = activatorPortOf(slice) !== activatorPort;
  const wanted: EndpointSlice = {
    ...slice,
    metadata: {
      ...slice.metadata,
      annotations: { ...slice.metadata.annotations, [SERVICE_PORT]: String(lane.port.port) },
    },
    // Nobody is known to listen on a port that was only just reserved.
    endpoints: moved ? [] : publishable(lane, state).endpoints,
    ports: [portOf(lane.port, activatorPort)],
  };
  return sameSlice(slice, wanted) ? undefined : wanted;
};

const essence = ({ metadata, endpoints, ports }: EndpointSlice): string =>
  JSON.stringify([
    metadata.annotations?.[SERVICE_PORT],
    (endpoints ?? []).map(({ addresses, nodeName, zone }) => [addresses[0], nodeName, zone]),
    (ports ?? []).map(({ name, port, appProtocol }) => [name ?? "", port, appProtocol]),
  ]);

const sameSlice = (a: EndpointSlice, b: EndpointSlice): boolean => essence(a) === essence(b);

export const deleteSlice = (slice: EndpointSlice) =>
  ({
    verb: "delete",
    resource: "endpointSlices",
    key: keyOf(slice),
    ...(slice.metadata.uid === undefined ? {} : { uid: slice.metadata.uid }),
  }) as const;
