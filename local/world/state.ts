/** The Services, Deployments and pods that there are. */
import type { Dest } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { ServicePlan, WorkloadId } from "../plan/plan.ts";
import type { Pod, PodChange } from "../pod/pod.ts";
import { Listeners } from "./listeners.ts";
import type { Workload } from "./workload.ts";

export interface PodEvent {
  readonly workload: Workload;
  readonly pod: Pod;
  readonly change: PodChange | { readonly kind: "created" };
}

/** What there is: the Services of the plan in force, and the Deployments with their pods. */
export class WorldState {
  services: ReadonlyMap<RevisionId, ServicePlan> = new Map();
  readonly workloads = new Map<WorkloadId, Workload>();
  /** A Service appeared, changed or went. */
  readonly serviceChanged = new Listeners<RevisionId>();
  /** Something happened to a pod of a Service. */
  readonly podChanged = new Listeners<PodEvent>();

  /** The pods of a Service that are not gone, in order of their making. */
  podsOf(service: ServicePlan): Pod[] {
    return service.workloads.flatMap((id) => this.workloads.get(id)?.pods ?? []);
  }

  servicesOf(workload: WorkloadId): ServicePlan[] {
    return [...this.services.values()].filter(({ workloads }) => workloads.includes(workload));
  }
}

/** A pod as requests of one Service reach it; undefined when it was started without one of the Service's ports. */
export const destOf = (pod: Pod, { targets }: ServicePlan): Dest | undefined => {
  const ports = targets.map(
    (target) => pod.ports[pod.spec.ports.findIndex((port) => port.target === target)],
  );
  if (ports.some((port) => port === undefined)) return undefined;
  return { key: `${pod.host}:${ports[0]}`, host: pod.host, ports: ports as number[], pod: pod.name };
};
