import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { PATIENCE, type TestCluster } from "../cluster.ts";
import { until } from "../setup/exec.ts";
import { SYSTEM } from "../setup/product.ts";

/** Installs or upgrades the chart from this checkout; `values` are like `activator.replicas=3`. */
export const install = async (cluster: TestCluster, ...values: string[]): Promise<void> => {
  const problem = inject("imageProblem");
  if (problem !== "") throw new Error(`the image could not be built: ${problem}`);
  await cluster.install(values);
};

/** Waits until a part of Pilotlight (activator, autoscaler, webhook) has all its new pods. */
export const untilRolledOut = async (cluster: TestCluster, part: string): Promise<void> => {
  const where = ["-n", SYSTEM, "--timeout=120s"];
  await cluster.kubectl("rollout", "status", `deployment/pilotlight-${part}`, ...where);
};

interface Workload {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas?: number; readonly readyReplicas?: number };
}

/** Waits until a Deployment is told to have, and has ready, a number of pods that `wanted` accepts. */
export const untilReplicas = (
  cluster: TestCluster,
  namespace: string,
  name: string,
  wanted: (replicas: number) => boolean,
): Promise<number> =>
  until(`${namespace}/${name} to have the pods that are wanted`, 3 * PATIENCE, async () => {
    const workload = await cluster.get<Workload>(`deployment/${name}`, namespace);
    const { spec, status } = workload!;
    const settled = spec.replicas === (status.readyReplicas ?? 0) && spec.replicas === (status.replicas ?? 0);
    return settled && wanted(spec.replicas) ? spec.replicas : undefined;
  });

interface ServiceView {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] };
}

/**
 * Waits until requests to a Service reach Pilotlight: it has published its endpoints, and kube-proxy has heard.
 * A connection alone wakes nothing.
 */
export const untilTakenOver = async (
  cluster: TestCluster,
  namespace: string,
  name: string,
): Promise<void> => {
  const ours = `kubernetes.io/service-name=${name},endpointslice.kubernetes.io/managed-by=pilotlight.dev`;
  await until(`Service ${namespace}/${name} to be taken over`, PATIENCE, async () => {
    const slices = await cluster.list<{ endpoints: unknown[] | null }>("endpointslices", namespace, ours);
    return slices.some(({ endpoints }) => (endpoints ?? []).length > 0) ? true : undefined;
  });
  if (!cluster.isInside) return sleep(5000);
  const { spec } = (await cluster.get<ServiceView>(`service/${name}`, namespace))!;
  const port = spec.ports[0]!.port;
  await until(`kube-proxy to route ${namespace}/${name}`, PATIENCE, () => canConnect(spec.clusterIP, port));
};

const canConnect = (host: string, port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = net.connect({ host, port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(undefined));
    socket.once("connect", () => socket.destroy());
  });
