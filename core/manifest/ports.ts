/** Where the ports of a Service lead in a pod, and which protocol they speak. */
import type { Protocol } from "#core/revision.ts";
import type { PodTemplate, Service, ServicePort } from "./objects.ts";
import { accepted, refused, type Draft, type FieldProblem } from "./problem.ts";

/** The port in the pod behind each port of the Service, in the Service's order; names are looked up. */
export const targetPorts = (service: Service, template: PodTemplate): Draft<readonly number[]> => {
  const object = `Service ${service.metadata.namespace}/${service.metadata.name}`;
  const problems: FieldProblem[] = [];
  const targets = service.spec.ports.map(({ port, targetPort = port }, i) => {
    if (typeof targetPort === "number") return targetPort;
    const found = namedPort(template, targetPort);
    if (found === undefined) {
      problems.push({
        object,
        path: ["spec", "ports", i, "targetPort"],
        message: `no container of the pod has a port named ${JSON.stringify(targetPort)}`,
        remedy: "write the port's number, or name the port under the container's ports",
      });
    }
    return found ?? 0;
  });
  return problems.length === 0 ? accepted(targets) : refused(problems);
};

/** The number of a container port by its name. */
export const namedPort = (template: PodTemplate, name: string): number | undefined =>
  template.spec.containers.flatMap(({ ports }) => ports).find((port) => port.name === name)?.containerPort;

const byName: Readonly<Record<string, Protocol>> = {
  http: "http1",
  http1: "http1",
  ws: "http1",
  http2: "h2c",
  h2c: "h2c",
  grpc: "h2c",
  tcp: "tcp",
  https: "tcp",
  tls: "tcp",
};

/**
 * How bytes travel on a port: by `appProtocol` (also with a prefix, `kubernetes.io/h2c`), else by the port's
 * name or its part before the first dash (`grpc-web`), else HTTP/1.1. An `appProtocol` that we do not know is
 * passed on as bytes, since guessing HTTP could break it.
 */
export const protocolOf = ({ appProtocol, name }: Pick<ServicePort, "appProtocol" | "name">): Protocol => {
  if (appProtocol !== undefined) return byName[appProtocol.replace(/^.*\//, "").toLowerCase()] ?? "tcp";
  return byName[name.replace(/-.*$/, "").toLowerCase()] ?? "http1";
};
