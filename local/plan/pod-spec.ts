import { dirname, resolve } from "node:path";
import type { Container, Deployment, Probe } from "#core/manifest/objects.ts";
import { outsideProbe, servingContainer } from "#core/manifest/probe.ts";
import { accepted, refused, type Draft, type FieldPath, type Problem } from "#core/manifest/problem.ts";
import { expand, expandEnv } from "../pod/expand.ts";
import { findExecutable, isFolder } from "./executable.ts";
import { problemAt, type Placed } from "./objects.ts";
import type { PodPort, PodSpec } from "./plan.ts";

type Report = (path: FieldPath, message: string, remedy: string) => void;

const POD: FieldPath = ["spec", "template", "spec"];

/** What a pod of a Deployment is as a process, or everything that keeps it from being one. */
export const podSpecOf = (
  deployment: Placed<Deployment>,
  ports: readonly PodPort[],
  env: Readonly<Record<string, string | undefined>>,
): Draft<PodSpec, Problem> => {
  const { template } = deployment.value.spec;
  const targets = ports.map(({ target }) => target);
  const { container, index } = servingContainer(template, targets);
  const problems: Problem[] = [];
  const report: Report = (path, message, remedy) =>
    problems.push(problemAt(deployment, [...POD, "containers", index, ...path], message, remedy));
  const cwd = resolve(dirname(deployment.document.file), container.workingDir ?? ".");
  checkEnv(container, report);
  checkCommand({ container, ports, cwd, path: env["PATH"] ?? "" }, report);
  const spec: PodSpec = {
    command: [...container.command, ...container.args] as [string, ...string[]],
    env: container.env.map(({ name, value }) => ({ name, value })),
    cwd,
    ports,
    probe: probeOf(deployment.value, targets, report),
    probesOn: container.readinessProbe !== undefined,
    initialDelayMs: (container.readinessProbe?.initialDelaySeconds ?? 0) * 1000,
    failureThreshold: container.readinessProbe?.failureThreshold ?? 3,
    graceMs: template.spec.terminationGracePeriodSeconds * 1000,
  };
  return problems.length === 0 ? accepted(spec) : refused(problems);
};

const checkEnv = (container: Container, report: Report): void => {
  for (const [i, { name, valueFrom }] of container.env.entries()) {
    if (valueFrom === undefined) continue;
    report(
      ["env", i, "valueFrom"],
      `${name} takes its value from elsewhere, which is not known here`,
      "write a value",
    );
  }
  if (container.envFrom.length > 0) {
    report(
      ["envFrom"],
      "variables from ConfigMaps and Secrets are not known here",
      "write the variables under env",
    );
  }
};

interface Started {
  readonly container: Container;
  readonly ports: readonly PodPort[];
  readonly cwd: string;
  readonly path: string;
}

const checkCommand = ({ container, ports, cwd, path }: Started, report: Report): void => {
  const [command] = container.command;
  if (command === undefined) {
    return report(
      ["command"],
      "missing: a pod is a process here, not a container of an image",
      `write the command that starts it, which listens on the port in $PORT: command: [node, server.mjs]`,
    );
  }
  if (!isFolder(cwd)) {
    return report(
      ["workingDir"],
      `there is no folder ${cwd}`,
      "name a folder of this machine; a relative one begins at the manifest's own folder",
    );
  }
  const ownPorts = ports.flatMap(({ variables }) => variables);
  // A command that contains the pod's port is known only when the pod is started.
  const given = Object.fromEntries(["HOSTNAME", ...ownPorts].map((name) => [name, `$(${name})`]));
  const file = expand(command, expandEnv(container.env, given));
  if (!file.includes("$(") && findExecutable(file, { cwd, path }) === undefined) {
    report(
      ["command", 0],
      `there is no program ${JSON.stringify(file)} ${file.includes("/") ? `in ${cwd}` : "in PATH"}`,
      "correct the name, or install the program",
    );
  }
};

/** The readiness probe as it can be carried out here. */
const probeOf = (
  { spec: { template } }: Deployment,
  targets: readonly number[],
  report: Report,
): PodSpec["probe"] => {
  const { readinessProbe } = servingContainer(template, targets).container;
  if (readinessProbe === undefined && targets.length === 0) return undefined;
  if (readinessProbe === undefined) return { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 };
  const probe = outsideProbe(template, targets, readinessProbe);
  if (probe.kind !== "external") return probe;
  const [path, message, remedy] = whyExternal(readinessProbe, targets);
  report(["readinessProbe", ...path], message, remedy);
  return undefined;
};

const whyExternal = ({ httpGet, tcpSocket }: Probe, targets: readonly number[]): Parameters<Report> => {
  const action = httpGet ?? tcpSocket;
  if (action === undefined) {
    return [
      [],
      "only httpGet and tcpSocket can be carried out here",
      "use one of the two, or leave the probe out: then a pod is ready when it accepts a connection",
    ];
  }
  const kind = httpGet === undefined ? "tcpSocket" : "httpGet";
  if (httpGet?.scheme === "HTTPS") {
    return [["httpGet", "scheme"], "HTTPS is not probed here", "use HTTP, or tcpSocket"];
  }
  if (action.host !== undefined) {
    return [[kind, "host"], "only the pod itself is probed here", "take the host out"];
  }
  const has = targets.length === 0 ? "no Service sends any" : `they go to ${targets.join(", ")}`;
  return [
    [kind, "port"],
    `${JSON.stringify(action.port)} is not a port that requests go to; ${has}`,
    "probe a port that is a Service's targetPort: only those are real ports here",
  ];
};
