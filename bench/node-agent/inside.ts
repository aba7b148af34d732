/** The part that runs where pods can be reached: `node inside.ts KUBECONFIG SOCKET RUNS on|off|both OUT`. */
import { randomBytes } from "node:crypto";
import { systemClock } from "#core/clock.ts";
import { createKubeClient } from "#core/kube/client.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { criRuntime } from "../../node-agent/cri/runtime.ts";
import { AddressFinder } from "../../node-agent/find/address-finder.ts";
import { Workloads } from "../cold-start-cluster/workloads.ts";
import { report, type Results } from "./report.ts";
import { ownStart, through } from "./runs.ts";
import { showAgents } from "./switch.ts";

const [kubeconfig = "", socket = "", count = "", mode = "", out = ""] = process.argv.slice(2);
const runs = Number(count);
const access = await kubeconfigAccess(kubeconfig, { clock: systemClock });
const client = createKubeClient({ access, clock: systemClock });
const workloads = new Workloads(client, `bench-${randomBytes(3).toString("hex")}`);
const runtime = criRuntime({ socket, clock: systemClock, limitMs: 1000 });
const finder = new AddressFinder({ runtime, clock: systemClock, onError: (error) => console.error(error) });

const sides = mode === "both" ? (["on", "off"] as const) : ([mode] as readonly ("on" | "off")[]);
const results: Results = { own: [], on: [], off: [], slow: [] };

const prepare = async (): Promise<void> => {
  await workloads.open();
  for (let i = 0; i < runs; i++) {
    await workloads.create(`own-${i}`, { service: false });
    for (const side of sides) await workloads.create(`${side}-${i}`, { service: true });
    if (mode !== "off") await workloads.create(`slow-${i}`, { service: true, slow: true });
  }
  await workloads.untilTakenOver();
};

type Contestant = keyof Results;

const contestants: readonly Contestant[] = ["own", ...sides, ...(mode === "off" ? [] : (["slow"] as const))];

/** In an order by chance, so that what changes over time changes for all. */
const round = async (i: number): Promise<void> => {
  const shuffled = contestants.map((name) => ({ name, at: Math.random() })).toSorted((a, b) => a.at - b.at);
  for (const { name } of shuffled) await run(name, i);
};

const run = async (name: Contestant, i: number): Promise<void> => {
  if (name !== "own") await showAgents(client, name !== "off");
  await workloads.alone(`${name}-${i}`, async (workload) => {
    if (name === "own") results.own.push(await ownStart(client, workload, finder));
    else results[name].push(await through(client, workload, name === "slow" ? finder : undefined));
  });
};

try {
  await prepare();
  for (let i = 0; i < runs; i++) await round(i);
  report(results, out);
} finally {
  await showAgents(client, true);
  await workloads.close();
  runtime.close();
  client.close();
}
