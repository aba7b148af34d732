/** A readinessProbe as somebody outside the pod can carry it out. */
import type { ReadinessProbe } from "#core/revision.ts";
import { namedPort } from "./ports.ts";
import type { Container, PodTemplate, Probe } from "./objects.ts";

/** The container that requests go to: the one that declares a target port, else the first. */
export const servingContainer = (
  template: PodTemplate,
  targets: readonly number[],
): { readonly container: Container; readonly index: number } => {
  const { containers } = template.spec;
  const declares = containers.findIndex(({ ports }) =>
    ports.some(({ containerPort }) => targets.includes(containerPort)),
  );
  const index = Math.max(0, declares);
  return { container: containers[index]!, index };
};

/**
 * When a pod counts as ready, as far as somebody outside of it can find out. `targets[i]` is the port in the
 * pod behind port i of the Service. A probe that only the cluster can carry out is `external`: exec, gRPC,
 * HTTPS, another host, or a port that the Service does not have.
 */
export const readinessOf = (template: PodTemplate, targets: readonly number[]): ReadinessProbe => {
  const { container } = servingContainer(template, targets);
  const { readinessProbe: probe } = container;
  if (container.startupProbe !== undefined) return { kind: "external" };
  if (probe === undefined) return { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 };
  return outsideProbe(template, targets, probe);
};

/** One probe as it can be carried out from outside; a `startupProbe` beside it is not looked at. */
export const outsideProbe = (
  template: PodTemplate,
  targets: readonly number[],
  probe: Probe,
): ReadinessProbe => {
  const action = probe.httpGet ?? probe.tcpSocket;
  if (action === undefined || action.host !== undefined) return { kind: "external" };
  const port = typeof action.port === "number" ? action.port : namedPort(template, action.port);
  const portIndex = port === undefined ? -1 : targets.indexOf(port);
  if (portIndex < 0 || probe.httpGet?.scheme === "HTTPS") return { kind: "external" };
  const timing = { portIndex, timeoutMs: probe.timeoutSeconds * 1000, periodMs: probe.periodSeconds * 1000 };
  if (probe.httpGet === undefined) return { kind: "tcp", ...timing };
  const { path, httpHeaders } = probe.httpGet;
  return {
    kind: "http",
    path: path.startsWith("/") ? path : `/${path}`,
    headers: httpHeaders.map(({ name, value }) => [name, value] as const),
    ...timing,
  };
};
