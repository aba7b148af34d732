import type { Cluster } from "../compose.ts";
import { urlOf } from "../listening.ts";
import type { ServicePlan } from "../plan/plan.ts";
import type { Pod } from "../pod/pod.ts";
import type { ServiceRow } from "./table.ts";

/** Every Service as the table shows it now. */
export const serviceRows = (cluster: Cluster): ServiceRow[] =>
  [...cluster.world.state.services.values()].map((service) => rowOf(cluster, service));

const rowOf = ({ world, routes, activator, autoscaler }: Cluster, service: ServicePlan): ServiceRow => {
  const { id, namespace, name } = service.revision;
  const pods = world.state.podsOf(service);
  const route = routes.list().find((route) => route.id === id);
  const panicking = autoscaler.status(id)?.panicking === true;
  return {
    service: namespace === "default" ? name : id,
    url: route === undefined ? "" : urlOf(route),
    state: stateOf(pods, service.scaled) + (panicking ? ", panic" : ""),
    ready: pods.filter(({ phase }) => phase === "ready").length,
    wanted: service.workloads.reduce(
      (sum, workload) => sum + (world.state.workloads.get(workload)?.wanted ?? 0),
      0,
    ),
    ...activator.traffic(id),
  };
};

const stateOf = (pods: readonly Pod[], scaled: boolean): string => {
  const has = (phase: Pod["phase"]): boolean => pods.some((pod) => pod.phase === phase);
  if (has("ready")) return scaled ? "active" : "runs";
  if (has("starting")) return "starting";
  if (has("backoff")) return "CrashLoopBackOff";
  return has("stopping") ? "stopping" : "zero";
};
