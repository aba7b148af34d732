import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { ObjectName } from "../review.ts";
import type { WorkloadRef, Workloads } from "../ports.ts";
import { isRouted, type ServiceView } from "./service-view.ts";
import type { Known } from "./warnings.ts";

/** What the rest of the cluster adds to a review: never needed for a decision, only for warnings. */
export interface ClusterKnowledge {
  ofService(name: ObjectName, view: ServiceView): Promise<Known & { readonly warnings: readonly string[] }>;
  ofAutoscaler(name: ObjectName, workload: WorkloadRef): Promise<readonly string[]>;
}

/** A review must not wait for the cluster: the API server waits for the review. */
const PATIENCE: Millis = 1_000;

interface KnowledgeDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly workloads: Workloads;
}

export const clusterKnowledge = (deps: KnowledgeDeps): ClusterKnowledge => {
  const { workloads } = deps;
  return {
    ofService: async ({ namespace, name }, view) => {
      if (!isRouted(view)) return { warnings: [] };
      const { annotations = {}, selector = view.kept ?? {} } = view;
      const target = { namespace, name, annotations, selector };
      const [behind, startMs] = await Promise.all([
        ask(deps, workloads.autoscalersBehind(target), []),
        ask(deps, workloads.startTime(target), undefined),
      ]);
      const warnings = behind.map(
        ({ autoscaler, workload }) =>
          `${workload.kind} ${workload.name} is scaled by HorizontalPodAutoscaler ${autoscaler} too: Pilotlight does not scale Service ${name} while that exists`,
      );
      return { startMs, warnings };
    },
    ofAutoscaler: async ({ namespace, name }, workload) => {
      const service = await ask(deps, workloads.scaledThrough(namespace, workload), undefined);
      if (service === undefined) return [];
      return [
        `${workload.kind} ${workload.name} is scaled by Pilotlight through Service ${service}; with HorizontalPodAutoscaler ${name} it is not any more: keep one of the two`,
      ];
    },
  };
};

/** The cluster's answer; what it does not tell in time is not known. */
const ask = async <T>({ clock, log }: KnowledgeDeps, question: Promise<T>, otherwise: T): Promise<T> => {
  const limit = Promise.withResolvers<T>();
  using _timer = clock.after(PATIENCE, () => limit.resolve(otherwise));
  try {
    return await Promise.race([question, limit.promise]);
  } catch (error) {
    log.debug({ err: error }, "the cluster could not be asked about a review");
    return otherwise;
  }
};
