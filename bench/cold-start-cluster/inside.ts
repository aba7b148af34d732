/** The part of the bench that runs where pods can be reached: `node inside.ts KUBECONFIG RUNS OUT [--floor-only]`. */
import { randomBytes } from "node:crypto";
import { systemClock } from "#core/clock.ts";
import { createKubeClient } from "#core/kube/client.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { ask, measureFloor, type FloorRun, type Workload } from "./floor.ts";
import { report } from "./report.ts";
import { readServerTiming, type ThroughRun } from "./through.ts";
import { Workloads } from "./workloads.ts";

const [kubeconfig = "", count = "", out = "", mode = ""] = process.argv.slice(2);
const runs = Number(count);
const withPilotlight = mode !== "--floor-only";
const access = await kubeconfigAccess(kubeconfig, { clock: systemClock });
const client = createKubeClient({ access, clock: systemClock });
const workloads = new Workloads(client, `bench-${randomBytes(3).toString("hex")}`);

/** A workload at 0 for each run, so that no run waits until one before it has gone to zero by itself. */
const prepare = async (): Promise<void> => {
  await workloads.open();
  for (let i = 0; i < runs; i++) {
    await workloads.create(`floor-${i}`, { service: false, token: true });
    if (withPilotlight) await workloads.create(`through-${i}`, { service: true, token: true });
  }
  if (withPilotlight) await workloads.untilTakenOver();
};

const runThrough = async ({ namespace, name }: Workload): Promise<ThroughRun> => {
  const host = `${name}.${namespace}.svc.cluster.local`;
  const start = performance.now();
  const headers = await ask({ host, port: 80 });
  const answered = performance.now() - start;
  return { answered, phases: readServerTiming(headers["server-timing"]) };
};

try {
  await prepare();
  const floor: FloorRun[] = [];
  const through: ThroughRun[] = [];
  for (let i = 0; i < runs; i++) {
    floor.push(await workloads.alone(`floor-${i}`, (workload) => measureFloor(client, workload)));
    if (withPilotlight) through.push(await workloads.alone(`through-${i}`, runThrough));
  }
  report({ floor, through }, out);
} finally {
  await workloads.close();
  client.close();
}
