/** The part of the bench that runs where pods can be reached: `node inside.ts KUBECONFIG RUNS OUT [--floor-only]`. */
import { randomBytes } from "node:crypto";
import { systemClock } from "#core/clock.ts";
import { createKubeClient, type KubeClient } from "#core/kube/client.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { helloDeployment, helloService } from "../../test/cluster/objects.ts";
import { until } from "../../test/cluster/setup/exec.ts";
import { ask, measureFloor, type FloorRun, type Workload } from "./floor.ts";
import { report } from "./report.ts";
import { takeAway } from "./take-away.ts";
import { readServerTiming, type ThroughRun } from "./through.ts";

const [kubeconfig = "", count = "", out = "", mode = ""] = process.argv.slice(2);
const runs = Number(count);
const namespace = `bench-${randomBytes(3).toString("hex")}`;
const access = await kubeconfigAccess(kubeconfig, { clock: systemClock });
const client = createKubeClient({ access, clock: systemClock });

const pause = (ms: number): Promise<void> => systemClock.sleep(ms);

const create = async (kind: "deployments" | "services", object: object): Promise<void> => {
  const path =
    kind === "deployments"
      ? `/apis/apps/v1/namespaces/${namespace}/deployments`
      : `/api/v1/namespaces/${namespace}/services`;
  await client.call({ method: "POST", path, body: object });
};

/** A workload at 0 for each run, so that no run waits until one before it has gone to zero by itself. */
const prepare = async (kube: KubeClient): Promise<void> => {
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await kube.call({ method: "POST", path: "/api/v1/namespaces", body });
  const annotations = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };
  for (let i = 0; i < runs; i++) {
    await create("deployments", helloDeployment(`floor-${i}`));
    if (mode === "--floor-only") continue;
    await create("deployments", helloDeployment(`through-${i}`));
    await create("services", helloService(`through-${i}`, { annotations }));
  }
};

interface ServiceList {
  readonly items: readonly { metadata: { name: string }; spec: { selector?: object } }[];
}

/** Until Pilotlight routes every Service: their selectors have moved. Its own work at that time is not measured. */
const untilTakenOver = async (kube: KubeClient): Promise<void> => {
  const path = `/api/v1/namespaces/${namespace}/services`;
  await until("all Services to be taken over", 120_000, async () => {
    const { items } = await kube.call<ServiceList>({ method: "GET", path });
    const routed = items.filter(
      ({ metadata, spec }) => metadata.name.endsWith("-private") || spec.selector === undefined,
    );
    return routed.length === items.length ? true : undefined;
  });
  await pause(3000);
};

const workload = (name: string): Workload => ({ namespace, name, port: 8080 });

/** The kubelet looks at its containers once a second: a start at a random moment of that second is fair. */
const alone = async <T>(name: string, measure: (name: string) => Promise<T>): Promise<T> => {
  await pause(500 + Math.random() * 1000);
  const run = await measure(name);
  await takeAway(client, workload(name));
  return run;
};

const runThrough = async (name: string): Promise<ThroughRun> => {
  const host = `${name}.${namespace}.svc.cluster.local`;
  const start = performance.now();
  const headers = await ask({ host, port: 80 });
  const answered = performance.now() - start;
  return { answered, phases: readServerTiming(headers["server-timing"]) };
};

try {
  await prepare(client);
  if (mode !== "--floor-only") await untilTakenOver(client);
  const floor: FloorRun[] = [];
  const through: ThroughRun[] = [];
  for (let i = 0; i < runs; i++) {
    floor.push(await alone(`floor-${i}`, (name) => measureFloor(client, workload(name))));
    if (mode !== "--floor-only") through.push(await alone(`through-${i}`, runThrough));
  }
  report({ floor, through }, out);
} finally {
  await client.call({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
  client.close();
}
