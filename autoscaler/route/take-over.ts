import { SELECTOR, type Selector, selectorText } from "#core/annotations/selector.ts";
import type { EndpointSlice } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import type { KubeWrite } from "#core/kube/write.ts";
import { privateServiceOf, privateServiceUpdate } from "./private-service.ts";
import {
  activatorPortOf,
  deleteSlice,
  familiesOf,
  type Lane,
  lanesOf,
  newSlice,
  publishable,
  sliceUpdate,
} from "./public-slices.ts";
import { reservePort } from "./reserve.ts";
import { nothing, type RoutePlan, type RouteState } from "./route-state.ts";

/** How soon to look again whether an activator listens. */
const LISTEN_AGAIN_MS = 50;

/**
 * The way to a Service that is served through the activators, from wherever it is now (docs/adr/0009):
 * 1. `NAME-private` keeps the pods' slices.
 * 2. Every port has a reserved activator port, and a slice with the activators that listen there.
 * 3. Only then does the selector leave the Service,
 * 4. and only then go the slices and the `Endpoints` object that Kubernetes's controllers wrote.
 */
export const takeOver = (state: RouteState, selector: Selector): RoutePlan => {
  const behind = privateWrites(state, selector);
  if (behind.length > 0) return { ...nothing, writes: behind, waitingFor: "the private Service" };
  if (familiesOf(state.service, state.activators).length === 0) {
    return { ...nothing, waitingFor: "a ready activator of the Service's address family" };
  }
  const { lanes, rest } = lanesOf(state);
  const { writes, probes } = sliceWrites(lanes, state);
  const looking = probes.length > 0 ? { probes, againMs: LISTEN_AGAIN_MS } : {};
  if (writes.length > 0) return { ...nothing, ...looking, writes, waitingFor: "the slices" };
  if (!lanes.every(({ slice }) => (slice?.endpoints ?? []).length > 0)) {
    return { ...nothing, ...looking, waitingFor: "an activator that listens on the reserved ports" };
  }
  return { ...nothing, ...looking, ...leaving(state, selector, rest) };
};

const privateWrites = (state: RouteState, selector: Selector): KubeWrite[] => {
  const { service, privateService, replicas } = state;
  const wanted = privateServiceOf(service, selector, replicas);
  const namespace = wanted.metadata.namespace ?? "default";
  if (privateService === undefined)
    return [{ verb: "create", resource: "services", namespace, body: wanted }];
  const body = privateServiceUpdate(privateService, wanted);
  return body === undefined ? [] : [{ verb: "replace", resource: "services", key: keyOf(wanted), body }];
};

/** Reserves, publishes, and says whom to ask whether it listens. */
const sliceWrites = (lanes: readonly Lane[], state: RouteState) => {
  const writes: KubeWrite[] = [];
  const namespace = state.service.metadata.namespace ?? "default";
  const ports = portsOf(lanes, state);
  for (const lane of lanes) {
    const port = ports.get(lane.port.port)!;
    if (lane.slice === undefined) {
      writes.push({
        verb: "create",
        resource: "endpointSlices",
        namespace,
        body: newSlice(lane, state, port),
      });
      continue;
    }
    const body = sliceUpdate(lane, state, port);
    const key = keyOf(lane.slice);
    if (body !== undefined) writes.push({ verb: "replace", resource: "endpointSlices", key, body });
  }
  const probes = lanes.flatMap((lane) =>
    publishable(lane, state).unknown.map(({ address }) => ({ address, port: activatorPortOf(lane.slice)! })),
  );
  return { writes, probes };
};

/** The activator port of each port of the Service; the same for both address families. */
const portsOf = (lanes: readonly Lane[], state: RouteState): Map<number, number> => {
  const ports = new Map<number, number>();
  for (const { port, slice } of lanes) {
    const reserved = activatorPortOf(slice);
    if (reserved === undefined || ports.has(port.port)) continue;
    if (holds(slice!, reserved, state)) ports.set(port.port, reserved);
  }
  for (const { port } of lanes) {
    if (ports.has(port.port)) continue;
    const taken = new Set(ports.values());
    const name = `${keyOf(state.service)}:${port.port}`;
    const free = (candidate: number) => taken.has(candidate) || state.reservedBy(candidate) !== undefined;
    ports.set(port.port, reservePort(name, free));
  }
  return ports;
};

/** Whether the reservation is ours: of several slices with one port the oldest keeps it. */
const holds = (slice: EndpointSlice, port: number, state: RouteState): boolean => {
  const holder = state.reservedBy(port);
  return (
    holder === undefined || state.ours.some((own) => keyOf(own) === holder && activatorPortOf(slice) === port)
  );
};

/** The last steps, when every port is served by activators: out with the selector, and what it left behind. */
const leaving = (
  state: RouteState,
  selector: Selector,
  rest: readonly EndpointSlice[],
): Partial<RoutePlan> => {
  const { service, others } = state;
  const kept = service.metadata.annotations?.[SELECTOR];
  const text = selectorText(selector);
  if (service.spec.selector !== undefined || kept !== text) {
    const body = {
      metadata: { resourceVersion: service.metadata.resourceVersion, annotations: { [SELECTOR]: text } },
      // null: away with it, whatever keys it has
      spec: { selector: null },
    };
    const write = { verb: "merge", resource: "services", key: keyOf(service), body } as const;
    return { writes: [write], waitingFor: "the selector to move" };
  }
  if (others === undefined) return { readOthers: true, waitingFor: "the slices of others" };
  const writes: KubeWrite[] = [...rest, ...others.slices].map(deleteSlice);
  // First the legacy object: as long as it is there, the mirroring controller makes a slice of it.
  if (others.endpoints) writes.unshift({ verb: "delete", resource: "endpoints", key: keyOf(service) });
  return writes.length === 0 ? {} : { writes, waitingFor: "the old slices to go" };
};
