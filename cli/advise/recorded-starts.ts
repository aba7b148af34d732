/** What the activators of a cluster have recorded of a Service's cold starts. */
import type { RecordedStarts } from "#core/advice/subject.ts";
import type { KubeClient } from "#core/kube/client.ts";
import { listAll } from "#core/kube/list.ts";
import type { Pod } from "#core/kube/objects.ts";
import { pathOfAll, pathOfKey, resources } from "#core/kube/resources.ts";

const ACTIVATORS = "app.kubernetes.io/name=pilotlight,app.kubernetes.io/component=activator";
const LINE = /^pilotlight_cold_start_seconds_(sum|count)\{(.*)\} (\S+)$/;

/** Summed over all activators that can be asked; undefined when there is nothing recorded. */
export const recordedStarts = async (
  client: KubeClient,
  key: string,
): Promise<RecordedStarts | undefined> => {
  const { items } = await listAll<Pod>(client, {
    path: pathOfAll(resources.pods),
    labelSelector: ACTIVATORS,
  });
  const read = await Promise.all(
    items.map((pod) => ofActivator(client, pod, key).catch(() => [0, 0] as const)),
  );
  const [seconds, count] = read.reduce<readonly [number, number]>(
    (a, b) => [a[0] + b[0], a[1] + b[1]],
    [0, 0],
  );
  return count === 0 ? undefined : { count, averageMs: (seconds / count) * 1000 };
};

/** Seconds and number of cold starts, from `/metrics` by way of the API server. */
const ofActivator = async (client: KubeClient, pod: Pod, key: string): Promise<readonly [number, number]> => {
  const { namespace, name } = pod.metadata;
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const admin = ports.find((port) => port.name === "admin")?.containerPort ?? 9090;
  const path = `${pathOfKey(resources.pods, `${namespace}/${name}:${admin}`).replace("%3A", ":")}/proxy/metrics`;
  const totals = { sum: 0, count: 0 };
  for await (const line of client.lines({ method: "GET", path })) {
    const [, kind, labels = "", value] = LINE.exec(line) ?? [];
    if (kind === undefined || !isOf(labels, key)) continue;
    totals[kind as "sum" | "count"] = Number(value);
  }
  return [totals.sum, totals.count];
};

const isOf = (labels: string, key: string): boolean => {
  const [namespace, service] = key.split("/");
  return labels.includes(`namespace="${namespace}"`) && labels.includes(`service="${service}"`);
};
