/** Makes a revision of a Service and a pod template, or says why there can be none. */
import { validateAnnotations } from "#core/annotations/validate.ts";
import type { FieldError } from "#core/annotations/field-error.ts";
import { GROUP } from "#core/annotations/keys.ts";
import { readOwnAnnotations, type OwnSettings } from "#core/annotations/own.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { revisionId, type Revision } from "#core/revision.ts";
import type { PodTemplate, Service } from "./objects.ts";
import { protocolOf, targetPorts } from "./ports.ts";
import { readinessOf } from "./probe.ts";
import { accepted, refused, type Draft, type FieldPath, type FieldProblem } from "./problem.ts";

/** A Service as Pilotlight knows it. */
export interface ServiceRevision {
  readonly revision: Revision;
  /** The port in the pod behind each port of the revision. */
  readonly targets: readonly number[];
  readonly own: OwnSettings;
}

/** Whether a Service asks to be scaled: any annotation of the group does. */
export const isScaled = ({ metadata }: Pick<Service, "metadata">): boolean =>
  Object.keys(metadata.annotations).some((key) => key.startsWith(`${GROUP}/`));

/**
 * A Service and the pod template of the workload behind it as a revision, or every reason why it cannot be
 * one. Ports of protocols other than TCP are left out.
 */
export const revisionOf = (
  service: Service,
  template: PodTemplate,
  config: AutoscalerConfig,
): Draft<ServiceRevision> => {
  const { namespace, name, annotations } = service.metadata;
  const carried: Service = { ...service, spec: { ...service.spec, ports: tcpPorts(service) } };
  const targets = targetPorts(service, template);
  const own = readOwnAnnotations(annotations);
  const problems = [
    ...shapeProblems(service),
    ...[...validateAnnotations(annotations, config), ...own.errors].map((error) =>
      annotationProblem(service, error),
    ),
    ...(targets.ok ? [] : targets.problems),
  ];
  const carriedTargets = targetPorts(carried, template);
  if (problems.length > 0 || !carriedTargets.ok) return refused(problems);
  const { containerConcurrency, queueDepth, protocol } = own.settings;
  const { timeoutMs, responseStartTimeoutMs, idleTimeoutMs } = own.settings;
  const revision: Revision = {
    id: revisionId(namespace, name),
    namespace,
    name,
    annotations,
    ports: carried.spec.ports.map((port) => ({
      name: port.name,
      port: port.port,
      protocol: protocol ?? protocolOf(port),
    })),
    probe: readinessOf(template, carriedTargets.value),
    containerConcurrency,
    queueDepth,
    ...whereSet(own.settings),
    timeoutMs,
    responseStartTimeoutMs,
    idleTimeoutMs,
  };
  return accepted({ revision, targets: carriedTargets.value, own: own.settings });
};

/** What has no value unless it is set. */
const whereSet = ({
  queueTimeoutMs,
  ignore,
  waitingPage,
  clientLimits,
}: OwnSettings): Pick<Revision, "queueTimeoutMs" | "ignore" | "waitingPage" | "clientLimits"> => ({
  ...(queueTimeoutMs === undefined ? {} : { queueTimeoutMs }),
  ...(ignore === undefined ? {} : { ignore }),
  ...(waitingPage === undefined ? {} : { waitingPage }),
  ...(clientLimits === undefined ? {} : { clientLimits }),
});

const tcpPorts = (service: Service): Service["spec"]["ports"] =>
  service.spec.ports.filter(({ protocol }) => protocol === "TCP");

const objectOf = ({ metadata }: Service): string => `Service ${metadata.namespace}/${metadata.name}`;

/** What keeps a Service of this shape from being answered for by somebody else than its pods. */
const shapeProblems = (service: Service): FieldProblem[] => {
  const { type, clusterIP, publishNotReadyAddresses, ports } = service.spec;
  const problems: FieldProblem[] = [];
  const report = (path: FieldPath, message: string, remedy: string): void => {
    problems.push({ object: objectOf(service), path: ["spec", ...path], message, remedy });
  };
  if (type === "ExternalName") {
    report(["type"], "an ExternalName Service has no pods", "use another type, or take the annotations off");
    return problems;
  }
  if (clusterIP === "None") {
    report(
      ["clusterIP"],
      "clients of a headless Service connect to the pods themselves, so nobody could wake it",
      "give it a cluster IP, or take the annotations off",
    );
  }
  if (publishNotReadyAddresses) {
    report(
      ["publishNotReadyAddresses"],
      "requests would go to pods that are not ready",
      "take it out, or take the annotations off",
    );
  }
  if (tcpPorts(service).length === 0) {
    report(["ports"], "there is no TCP port", "give it a TCP port, or take the annotations off");
  }
  for (const [i, { name }] of ports.entries()) {
    if (name === "" && ports.length > 1) {
      report(["ports", i, "name"], "missing: of several ports each must have a name", "write a name");
    } else if (name !== "" && ports.findIndex((port) => port.name === name) < i) {
      report(
        ["ports", i, "name"],
        `${JSON.stringify(name)} is the name of another port`,
        "write another name",
      );
    }
  }
  return problems;
};

/** An annotation's error, in Knative's own words, at the annotation that it is about. */
const annotationProblem = (service: Service, { message, paths, details }: FieldError): FieldProblem => {
  const keys = Object.keys(service.metadata.annotations);
  // Some of Knative's errors put a sentence behind the key, so the key is looked for in the path.
  const about = paths.map((path) => ({ path, key: keys.find((key) => path.startsWith(key)) }));
  const key = about.find((found) => found.key !== undefined)?.key;
  const rest = about.map(({ path }) => path).filter((path) => path !== key);
  const text = [message, ...rest, ...(details === undefined ? [] : [details])].join("; ");
  return {
    object: objectOf(service),
    path: ["metadata", "annotations", ...(key === undefined ? [] : [key])],
    message: text,
    remedy: "correct the value; README.md lists the annotations and what they may be",
  };
};
