/** Which ports each pod of a Deployment gets, and the variables that tell it. */
import type { PodPort, ServicePlan, WorkloadId } from "./plan.ts";

const variableOf = (name: string): string => `PORT_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;

/**
 * The ports that each pod of a Deployment gets: one for each port that a Service sends requests to, that of the
 * Service that scales it first. The first is told as `PORT`; each one also by its name, or by its number in the
 * manifest: `PORT_METRICS`, `PORT_9090`.
 */
export const podPorts = (workload: WorkloadId, services: readonly ServicePlan[]): PodPort[] => {
  const names = new Map<number, Set<string>>();
  const mine = services.filter(({ workloads }) => workloads.includes(workload));
  for (const { revision, targets } of mine.toSorted((a, b) => Number(b.scaled) - Number(a.scaled))) {
    for (const [i, target] of targets.entries()) {
      const variables = names.get(target) ?? new Set(names.size === 0 ? ["PORT"] : []);
      const { name } = revision.ports[i]!;
      variables.add(variableOf(name === "" ? String(target) : name));
      names.set(target, variables);
    }
  }
  return [...names].map(([target, variables]) => ({ target, variables: [...variables] }));
};
