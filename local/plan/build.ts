import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig, parseAutoscalerConfig, type AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { ConfigMap, Deployment } from "#core/manifest/objects.ts";
import { servingContainer } from "#core/manifest/probe.ts";
import { accepted, refused, type Draft, type Problem } from "#core/manifest/problem.ts";
import { readManifests } from "./files.ts";
import { problemAt, readObjects, type PassedOver, type Placed } from "./objects.ts";
import type { Plan, ServicePlan, WorkloadPlan } from "./plan.ts";
import { podPorts } from "./pod-ports.ts";
import { podSpecOf } from "./pod-spec.ts";
import { planServices } from "./services.ts";
import { selectorProblems } from "./workloads.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads manifests and says what is to run, or everything that keeps them from running here. */
export const buildPlan = (named: readonly string[], env: Environment): Draft<Plan, Problem> => {
  const files = readManifests(named);
  const objects = readObjects(files.documents);
  const config = readConfig(objects.configs);
  const planned = planServices(objects.services, objects.deployments, config.value);
  const services = planned.services.map(({ plan }) => plan);
  const workloads: WorkloadPlan[] = [];
  const problems = [
    ...files.problems,
    ...objects.problems,
    ...config.problems,
    ...selectorProblems(objects.deployments),
    ...planned.problems,
  ];
  for (const deployment of objects.deployments) {
    const draft = planWorkload(deployment, { services, config: config.value, env });
    if (draft.ok) workloads.push(draft.value);
    else
      problems.push(...draft.problems.filter((problem) => planned.problems.length === 0 || !ofPort(problem)));
  }
  if (problems.length > 0) return refused(inOrder(problems));
  if (workloads.length === 0) return refused([nothing(named)]);
  return accepted({
    services,
    workloads,
    autoscalerConfig: config.data,
    places: new Map(planned.services.map(({ from, plan }) => [plan.revision.id, from])),
    passedOver: [
      ...objects.passedOver,
      ...planned.passedOver,
      ...objects.deployments.flatMap((deployment) => otherContainers(deployment, services)),
    ],
  });
};

/** Whether it may be only because a Service could not be read that a probe's port looks wrong. */
const ofPort = ({ field }: Problem): boolean => /readinessProbe\.\w+\.port$/.test(field);

interface Around {
  readonly services: readonly ServicePlan[];
  readonly config: AutoscalerConfig;
  readonly env: Environment;
}

const planWorkload = (
  deployment: Placed<Deployment>,
  { services, config, env }: Around,
): Draft<WorkloadPlan, Problem> => {
  const scaler = services.find(({ scaled, workloads }) => scaled && workloads[0] === deployment.id);
  const pod = podSpecOf(deployment, podPorts(deployment.id, services), env);
  if (!pod.ok) return pod;
  return accepted({
    id: deployment.id,
    pod: pod.value,
    replicas: scaler === undefined ? deployment.value.spec.replicas : firstScale(scaler, config),
    scaledBy: scaler?.revision.id,
  });
};

/** An annotated Service starts at its least number of pods; replicas in the manifest are not for it. */
const firstScale = ({ revision }: ServicePlan, config: AutoscalerConfig): number => {
  const { bounds, annotations } = resolveSettings(revision.annotations, config);
  return Math.max(bounds.min, annotations.initialScale ?? 0);
};

const readConfig = (configs: readonly Placed<ConfigMap>[]) => {
  const [first, ...others] = configs;
  const data = first?.value.data ?? {};
  const result = parseAutoscalerConfig(data);
  const problems = others.map((other) =>
    problemAt(
      other,
      ["metadata", "name"],
      "there is another ConfigMap of this name; only one can be in force",
      "take one of them out",
    ),
  );
  if (!result.ok) {
    const key = Object.keys(data).find((name) => result.error.includes(name));
    const path = key === undefined ? ["data"] : ["data", key];
    problems.push(problemAt(first!, path, result.error, "correct the value; docs/reference.md lists them"));
  }
  return { data, problems, value: result.ok ? result.config : defaultConfig };
};

const otherContainers = (
  { id, value, object, document }: Placed<Deployment>,
  services: readonly ServicePlan[],
): PassedOver[] => {
  const { template } = value.spec;
  const { index } = servingContainer(
    template,
    podPorts(id, services).map(({ target }) => target),
  );
  const { containers, initContainers } = template.spec;
  const names = [...initContainers, ...containers.toSpliced(index, 1)].map(({ name }) => name);
  if (names.length === 0) return [];
  const why = `a pod is one process here, so these containers do not run: ${names.join(", ")}`;
  return [{ file: document.file, document: document.index, object, why }];
};

const nothing = (named: readonly string[]): Problem => ({
  file: named.join(", "),
  document: 0,
  line: 0,
  object: "",
  field: "",
  message: "there is nothing to run: no Deployment",
  remedy: "name manifests with a Deployment and a Service",
});

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
