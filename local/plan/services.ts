/** Brings Services and Deployments together, and finds those that are in conflict. */
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { locate } from "#core/manifest/documents.ts";
import type { Deployment, Service } from "#core/manifest/objects.ts";
import type { Problem } from "#core/manifest/problem.ts";
import { isScaled, revisionOf } from "#core/manifest/revision.ts";
import { problemAt, type PassedOver, type Placed } from "./objects.ts";
import type { ServicePlan } from "./plan.ts";
import { workloadsOf } from "./workloads.ts";

/** A Service of the plan with the object it came from. */
interface PlacedService {
  readonly from: Placed<Service>;
  readonly plan: ServicePlan;
}

export interface PlannedServices {
  readonly services: readonly PlacedService[];
  readonly passedOver: readonly PassedOver[];
  readonly problems: readonly Problem[];
}

const KNATIVE_MADE = "networking.internal.knative.dev/serverlessservice";

/** Why a Service that is not scaled does not run here; undefined = it does. */
const whyNot = ({ metadata, spec }: Service): string | undefined => {
  if (metadata.labels[KNATIVE_MADE] !== undefined) return "made by Knative itself";
  if (spec.type === "ExternalName") return "an ExternalName Service has no pods";
  return spec.clusterIP === "None" ? "a headless Service has no port of its own" : undefined;
};

/** Brings Services and Deployments together. */
export const planServices = (
  services: readonly Placed<Service>[],
  deployments: readonly Placed<Deployment>[],
  config: AutoscalerConfig,
): PlannedServices => {
  const planned: PlacedService[] = [];
  const passedOver: PassedOver[] = [];
  const problems: Problem[] = [];
  for (const from of services) {
    const why = isScaled(from.value) ? undefined : whyNot(from.value);
    if (why !== undefined) {
      passedOver.push({ file: from.document.file, document: from.document.index, object: from.object, why });
      continue;
    }
    const workloads = workloadsOf(from, deployments);
    if (!workloads.ok) {
      problems.push(...workloads.problems);
      continue;
    }
    const draft = revisionOf(from.value, workloads.value[0]!.value.spec.template, config);
    if (!draft.ok) {
      problems.push(...draft.problems.map((problem) => locate(from.document, problem)));
      continue;
    }
    const { revision, targets, own } = draft.value;
    planned.push({
      from,
      plan: {
        revision,
        scaled: isScaled(from.value),
        workloads: workloads.value.map(({ id }) => id),
        targets,
        localPorts: revision.ports.map((_, i) => (i === 0 ? own.localPort : undefined)),
      },
    });
  }
  return { services: planned, passedOver, problems: [...problems, ...conflicts(planned)] };
};

/** Services that cannot be together: two that scale one Deployment, or that want the same port here. */
const conflicts = (services: readonly PlacedService[]): Problem[] => {
  const problems: Problem[] = [];
  const scaledBy = new Map<string, Placed<Service>>();
  const portOf = new Map<number, Placed<Service>>();
  for (const { from, plan } of services) {
    const [workload] = plan.workloads;
    const other = plan.scaled ? scaledBy.get(workload!) : undefined;
    if (plan.scaled && other === undefined) scaledBy.set(workload!, from);
    if (other !== undefined) {
      problems.push(
        problemAt(
          from,
          ["spec", "selector"],
          `scales Deployment ${workload}, which ${other.object} (${other.document.file}) scales already`,
          "take the autoscaling.knative.dev annotations off one of the two, or give each its own Deployment",
        ),
      );
    }
    const port = plan.localPorts[0];
    const holder = port === undefined ? undefined : portOf.get(port);
    if (port !== undefined && holder === undefined) portOf.set(port, from);
    if (holder !== undefined) {
      problems.push(
        problemAt(
          from,
          ["metadata", "annotations", "pilotlight.dev/local-port"],
          `${port} is the port of ${holder.object} (${holder.document.file}) already`,
          "give it another port, or take the annotation off for a free one",
        ),
      );
    }
  }
  return problems;
};
