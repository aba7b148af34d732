import { noDests, type Dest, type Dests, type DestSet } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { ServicePlan } from "../plan/plan.ts";
import type { Pod, PodPhase } from "../pod/pod.ts";
import { Listeners } from "./listeners.ts";
import { destOf, type WorldState } from "./state.ts";

/** The pods of each Service by readiness. A pod leaves the set in the tick in which it is told to stop. */
export const createDests = (state: WorldState): Dests => {
  const snapshots = new Map<RevisionId, DestSet>();
  const changed = new Listeners<RevisionId>();
  const refresh = (id: RevisionId): void => {
    snapshots.delete(id);
    changed.tell(id);
  };
  state.serviceChanged.subscribe(refresh);
  state.podChanged.subscribe(({ workload }) => {
    for (const { revision } of state.servicesOf(workload.id)) refresh(revision.id);
  });
  return {
    get: (id) => {
      const service = state.services.get(id);
      if (service === undefined) return noDests;
      const snapshot = snapshots.get(id) ?? snapshotOf(state.podsOf(service), service);
      snapshots.set(id, snapshot);
      return snapshot;
    },
    subscribe: (listener) => changed.subscribe(listener),
  };
};

const snapshotOf = (pods: readonly Pod[], service: ServicePlan): DestSet => {
  const inPhase = (...phases: readonly PodPhase[]): Dest[] =>
    pods
      .filter(({ phase }) => phases.includes(phase))
      .map((pod) => destOf(pod, service))
      .filter((dest) => dest !== undefined);
  return { ready: inPhase("ready"), notReady: inPhase("starting", "backoff") };
};
