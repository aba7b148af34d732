import http from "node:http";
import net from "node:net";
import type { KubeClient } from "#core/kube/client.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import { watchEvents } from "#core/kube/watch-events.ts";

/** The instants of one cold start without Pilotlight, in milliseconds since the patch was sent. */
export interface FloorRun {
  readonly patched: number;
  readonly created: number;
  readonly scheduled: number;
  readonly address: number;
  readonly accepted: number;
  readonly answered: number;
}

interface PodView extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly podIP?: string };
}

/** A Deployment at 0 whose pods listen on `port` and have the label `app: NAME`. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/**
 * What nobody on top of Kubernetes can be faster than: `/scale` from 0 to 1, and a connection to the pod's
 * address as soon as the API shows it, then one request.
 */
export const measureFloor = async (client: KubeClient, workload: Workload): Promise<FloorRun> => {
  const { namespace, name, port } = workload;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const labelSelector = `app=${name}`;
  const listed = await client.call<{ metadata: { resourceVersion: string } }>({
    method: "GET",
    path,
    query: { labelSelector },
  });
  const stop = new AbortController();
  const events = watchEvents<PodView>(
    client,
    { path, labelSelector },
    { resourceVersion: listed.metadata.resourceVersion, timeoutSeconds: 120, signal: stop.signal },
  );
  const seen = addressOf(events);
  const start = performance.now();
  const since = (): number => performance.now() - start;
  const patched = scaleUp(client, workload).then(since);
  const pod = await seen;
  const at = (instant: number): number => instant - start;
  await untilAccepted(pod.ip, port);
  const accepted = since();
  await ask({ host: pod.ip, port });
  const answered = since();
  stop.abort();
  const { created, scheduled, address } = pod;
  return {
    patched: await patched,
    created: at(created),
    scheduled: at(scheduled),
    address: at(address),
    accepted,
    answered,
  };
};

/** Reads a watch until a pod has an address; the instants are those of `performance.now()`. */
const addressOf = async (events: AsyncIterable<{ readonly object: PodView }>) => {
  let created: number | undefined;
  let scheduled: number | undefined;
  for await (const { object } of events) {
    created ??= performance.now();
    if (object.spec?.nodeName !== undefined) scheduled ??= performance.now();
    const ip = object.status?.podIP;
    if (ip !== undefined) return { ip, created, scheduled: scheduled ?? created, address: performance.now() };
  }
  throw new Error("the watch of the pods ended before one had an address");
};

/** `/scale` from 0 to 1. */
export const scaleUp = async (client: KubeClient, workload: Workload): Promise<void> => {
  const path = `/apis/apps/v1/namespaces/${workload.namespace}/deployments/${workload.name}/scale`;
  await client.call({ method: "PATCH", path, body: { spec: { replicas: 1 } } });
};

export const untilAccepted = async (host: string, port: number): Promise<void> => {
  for (;;) {
    const socket = net.connect({ host, port });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

/** One request on a new connection; throws when it is not the hello server that answers. */
export const ask = async (to: { host: string; port: number }): Promise<http.IncomingHttpHeaders> => {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingHttpHeaders>();
  const request = http.get({ ...to, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("error", reject).on("end", () => {
      if (response.statusCode === 200 && text.startsWith("hello from ")) resolve(response.headers);
      else reject(new Error(`wrong answer: ${response.statusCode} ${text}`));
    });
  });
  request.on("error", reject);
  return promise;
};
