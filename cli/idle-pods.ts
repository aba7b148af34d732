import type { ActivatorList } from "#core/kube/activator-list.ts";
import { writeDeletionCosts } from "#core/kube/deletion-cost.ts";
import type { KubeWorld } from "#core/kube/world.ts";
import type { Dest } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { scaleIdleFirst } from "../autoscaler/build.ts";
import type { ComponentContext } from "./component.ts";

/** The activators' page that tells the requests in each pod of a Service. */
export const IN_FLIGHT_PAGE = "/in-flight";

export interface IdlePodsDeps extends ComponentContext {
  readonly world: KubeWorld;
  readonly activators: Pick<ActivatorList, "list">;
  /** The activators' admin port. */
  readonly adminPort: number;
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** How the autoscaler learns which pods are idle, and tells Kubernetes. */
export const idlePods = (deps: IdlePodsDeps): Parameters<typeof scaleIdleFirst>[1] => {
  const { world, activators, adminPort, client, clock, log } = deps;
  /** Only a Deployment's ReplicaSet heeds costs: a StatefulSet's pods go by their number. */
  const pods = (id: RevisionId): readonly Dest[] =>
    world.claims.workload(id)?.ref.kind === "Deployment" ? world.dests.get(id).ready : [];
  const ask = async (
    address: string,
    id: RevisionId,
    signal: AbortSignal,
  ): Promise<Record<string, number>> => {
    const url = `http://${bracketed(address)}:${adminPort}${IN_FLIGHT_PAGE}?service=${encodeURIComponent(id)}`;
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new Error(`activator ${address} answered ${answer.status}`);
    return (await answer.json()) as Record<string, number>;
  };
  return {
    clock,
    log,
    pods,
    inFlight: (id, signal) => Promise.all(activators.list().map(({ address }) => ask(address, id, signal))),
    write: (id, costs) => writeDeletionCosts(client, id.slice(0, id.indexOf("/")), costs),
  };
};
