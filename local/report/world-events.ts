import type { LocalEvent } from "../events.ts";
import type { PodEvent } from "../world/state.ts";

/** What happened to a pod, as it is told outside; undefined for what nobody needs to hear. */
export const podEventOf = ({ workload, pod, change }: PodEvent): LocalEvent | undefined => {
  const of = { pod: pod.name, workload: workload.id };
  switch (change.kind) {
    case "created":
      return undefined;
    case "started":
      return change.pid === undefined
        ? undefined
        : { event: "pod-started", ...of, pid: change.pid, ports: pod.ports };
    case "ready":
      return { event: "pod-ready", ...of, ms: change.ms };
    case "unready":
      return { event: "pod-unready", ...of, detail: change.detail };
    case "exited":
      return { event: "pod-exited", ...of, ...change.exit, restartMs: change.restartMs };
    case "stopping":
      return { event: "pod-stopping", ...of };
    case "gone":
      return { event: "pod-gone", ...of };
  }
};
