/** Warns of two that scale one workload. */
import * as z from "zod/mini";
import type { WorkloadRef, Workloads } from "../ports.ts";
import { allowed, decodeObject, type ObjectName, type ReviewRequest, type Verdict } from "../review.ts";
import { isRouted, type ServiceView } from "./service-view.ts";
import type { Known } from "./warnings.ts";

/** Two that scale one workload take turns undoing each other's work. Both sides get the same warning. */

const schema = z.looseObject({
  spec: z.nullish(
    z.looseObject({
      scaleTargetRef: z.nullish(
        z.looseObject({ apiVersion: z.nullish(z.string()), kind: z.string(), name: z.string() }),
      ),
    }),
  ),
});

/** Warns when a HorizontalPodAutoscaler is put on a workload that Pilotlight scales. Never refuses. */
export const reviewAutoscaler =
  (workloads: Workloads) =>
  (request: ReviewRequest): Verdict => {
    const ref = decodeObject(schema, request.object, "new object")?.spec?.scaleTargetRef;
    if (ref === null || ref === undefined) return allowed();
    const workload = { apiVersion: ref.apiVersion ?? "", kind: ref.kind, name: ref.name };
    const service = workloads.scaledThrough(request.namespace, workload);
    return service === undefined ? allowed() : allowed([both(workload, service, request.name)]);
  };

/** What the cluster knows about the pods behind a Service, and who else scales them. */
export const behindService = (
  workloads: Workloads,
  { namespace, name }: ObjectName,
  view: ServiceView,
): Known & { readonly warnings: readonly string[] } => {
  if (!isRouted(view)) return { warnings: [] };
  const { annotations = {}, selector = view.kept ?? {} } = view;
  const target = { namespace, name, annotations, selector };
  const others = workloads.autoscalersBehind(target);
  return {
    startMs: workloads.startTime(target),
    warnings: others.map(({ workload, autoscaler }) => both(workload, name, autoscaler)),
  };
};

/**
 * What slows the starts of the pods behind a Service. Told when scaling is switched on and never again, since it may
 * be as it has to be.
 */
export const slowStarts = (
  workloads: Workloads,
  { namespace, name }: ObjectName,
  { object, old }: { readonly object: ServiceView; readonly old: ServiceView | undefined },
): string[] => {
  if (!isRouted(object) || !object.switchedOn || old?.switchedOn === true) return [];
  const { annotations = {}, selector = object.kept ?? {} } = object;
  return workloads
    .slowStart({ namespace, name, annotations, selector })
    .map(({ workload, advice }) => `${workload.kind} ${workload.name} is slow to wake: ${advice.finding}`);
};

const both = ({ kind, name }: WorkloadRef, service: string, autoscaler: string): string =>
  `${kind} ${name} has two that want to scale it: Pilotlight through Service ${service}, and HorizontalPodAutoscaler ${autoscaler}. Pilotlight leaves it alone; delete one of the two`;
