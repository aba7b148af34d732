import { SELECTOR, type Selector } from "#core/annotations/selector.ts";
import type { Millis } from "#core/clock.ts";
import type { EndpointSlice } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import { replicasBefore } from "./private-service.ts";
import { deleteSlice } from "./public-slices.ts";
import { nothing, type RoutePlan, type RouteState } from "./route-state.ts";

const PODS_AGAIN_MS = 200;
/**
 * Time from the last of our slices to the end of `NAME-private`: kube-proxies learn that activators are out of
 * the path, and clients that kept a connection to one are told to let it go.
 */
export const LINGER_MS: Millis = 15_000;

/**
 * The way back to the Service as it was, from wherever it is now; `takeOver` the other way round:
 * 1. A workload with fewer pods than it had gets them back.
 * 2. The selector returns.
 * 3. When Kubernetes's controllers have published ready pods, our slices go.
 * 4. When nobody can be sent to an activator any more, `NAME-private` goes.
 */
export const giveBack = (state: RouteState, selector: Selector): RoutePlan => {
  const { service, ours, privateService, replicas } = state;
  const moved = service.metadata.annotations?.[SELECTOR] !== undefined || service.spec.selector === undefined;
  const before = replicasBefore(privateService);
  if ((moved || ours.length > 0) && replicas !== undefined && replicas < before) {
    return { ...nothing, writes: [{ verb: "scale", replicas: before }], waitingFor: "the replicas" };
  }
  if (moved) return returnSelector(state, selector);
  if (ours.length > 0) return withdraw(state);
  if (privateService === undefined) return nothing;
  const left = state.hasty ? 0 : LINGER_MS - state.unroutedMs;
  if (left > 0) return { ...nothing, againMs: left, waitingFor: "the last requests to be through" };
  const { uid } = privateService.metadata;
  const key = keyOf(privateService);
  const write = { verb: "delete", resource: "services", key, ...(uid === undefined ? {} : { uid }) } as const;
  return { ...nothing, writes: [write] };
};

const returnSelector = ({ service }: RouteState, selector: Selector): RoutePlan => {
  const { resourceVersion } = service.metadata;
  const body = { metadata: { resourceVersion, annotations: { [SELECTOR]: null } }, spec: { selector } };
  const write = { verb: "merge", resource: "services", key: keyOf(service), body } as const;
  return { ...nothing, writes: [write], waitingFor: "the selector to return" };
};

const withdraw = ({ ours, others, replicas, hasty }: RouteState): RoutePlan => {
  if (hasty) return { ...nothing, writes: ours.map(deleteSlice) };
  if (others === undefined) return { ...nothing, readOthers: true, waitingFor: "the slices of others" };
  // Without a workload there will be no pods to wait for.
  if (replicas !== undefined && !others.slices.some(hasReadyPod)) {
    return { ...nothing, readOthers: true, againMs: PODS_AGAIN_MS, waitingFor: "a ready pod" };
  }
  return { ...nothing, writes: ours.map(deleteSlice) };
};

const hasReadyPod = ({ endpoints }: EndpointSlice): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false);
