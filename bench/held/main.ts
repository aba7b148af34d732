import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { until } from "../../test/helpers/until.ts";
import { bundleScript } from "../bundle.ts";
import { cpuMicros, residentBytes } from "../proxy/process.ts";
import { distribution } from "../report/distribution.ts";
import type { Ask } from "./ask.ts";
import { Clients } from "./clients.ts";

const folder = resolve(import.meta.dirname, "../../.cache/bench-held");
const bundle = join(folder, "inside.mjs");
/** As the chart starts it. */
const flags = ["--max-semi-space-size=2"];
const basePort = 12_000;
const MB = 1e6;

/**
 * `held -n 3 --requests 10000 --services 5000`: requests that wait for a Service at zero (memory, order, how fast they
 * leave), and an activator with many Services and nothing to do.
 */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    options: {
      n: { type: "string", short: "n", default: "3" },
      requests: { type: "string", default: "10000" },
      services: { type: "string", default: "5000" },
    },
  });
  const [runs, requests, services] = [Number(values.n), Number(values.requests), Number(values.services)];
  mkdirSync(folder, { recursive: true });
  await bundleScript(join(import.meta.dirname, "inside.ts"), bundle);
  console.log(
    `${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}; bundled, Node with ${flags.join(" ")}; medians, n = ${runs}`,
  );
  try {
    if (requests > 0) for (const concurrency of [0, 100]) await heldRows(runs, requests, concurrency);
    if (services > 0) await servicesRow(runs, services);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const child = async <T>(
  script: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
): Promise<[ChildProcess, T]> => {
  const process = fork(script, [...args], { execArgv: [...execArgv] });
  const [first] = (await once(process, "message")) as [T];
  return [process, first];
};

const ask = async <T>(process: ChildProcess, message: string): Promise<T> => {
  process.send(message);
  const [answer] = (await once(process, "message")) as [T];
  return answer;
};

const end = async (process: ChildProcess): Promise<void> => {
  process.kill("SIGKILL");
  await once(process, "exit");
};

const median = (values: readonly number[]): string => distribution(values).p50.toFixed(1);

interface Held {
  readonly aboveIdleMb: number;
  readonly releasedMs: number;
  /** Requests that were written to the pod after one that had arrived later. */
  readonly overtaken: number;
  /** Requests that the pod read after one that its client had sent later: it looks at many sockets at once. */
  readonly readLater: number;
  readonly wrong: number;
}

const heldRows = async (runs: number, requests: number, concurrency: number): Promise<void> => {
  const found: Held[] = [];
  for (let i = 0; i < runs; i++) found.push(await hold(requests, concurrency));
  const limit = concurrency === 0 ? "any number at a time" : `${concurrency} at a time`;
  const overtaken = found.map((held) => held.overtaken);
  console.log(
    [
      `${requests} requests held, a pod that takes ${limit}:`,
      `${median(found.map((held) => held.aboveIdleMb))} MB above idle (goal 100),`,
      `all answered ${median(found.map((held) => held.releasedMs))} ms after the pod is ready (goal 1000),`,
      `${Math.max(...overtaken)} let go after one that had arrived later`,
      `(as read by the pod, of the order in which clients sent: ${Math.max(...found.map(({ readLater }) => readLater))}),`,
      `${found.reduce((sum, { wrong }) => sum + wrong, 0)} wrong`,
    ].join(" "),
  );
};

const hold = async (requests: number, concurrency: number): Promise<Held> => {
  const [pod, podPort] = await child<number>(join(import.meta.dirname, "pod-app.mjs"), []);
  const asked: Ask = { ports: [basePort], podPort, concurrency };
  const [activator] = await child(bundle, [JSON.stringify(asked)], flags);
  const clients = new Clients();
  try {
    await new Promise((wait) => setTimeout(wait, 2000));
    const idle = residentBytes(activator.pid!);
    await clients.open(basePort, requests);
    clients.send();
    await until(async () => (await ask<number>(activator, "queued")) === requests, "all to wait");
    await new Promise((wait) => setTimeout(wait, 2000));
    const held = residentBytes(activator.pid!);
    const readyAt = performance.now();
    activator.send("ready");
    await until(() => clients.answered >= requests, "all to be answered");
    const seen = await ask<number[]>(pod, "seen");
    const { written, overtaken } = await ask<{ written: number; overtaken: number }>(activator, "written");
    return {
      aboveIdleMb: (held - idle) / MB,
      releasedMs: clients.lastAt - readyAt,
      overtaken,
      readLater: overtakenIn(seen),
      wrong: clients.wrong + Math.abs(seen.length - requests) + Math.abs(written - requests),
    };
  } finally {
    clients.close();
    await end(activator);
    await end(pod);
  }
};

const overtakenIn = (seen: readonly number[]): number => {
  let latest = -1;
  return seen.filter((at) => {
    const overtaken = at < latest;
    latest = Math.max(latest, at);
    return overtaken;
  }).length;
};

const servicesRow = async (runs: number, services: number): Promise<void> => {
  const found = { startMs: [] as number[], mb: [] as number[], cpu: [] as number[] };
  for (let i = 0; i < runs; i++) {
    const ports = Array.from({ length: services }, (_, at) => basePort + at);
    const began = performance.now();
    const [activator] = await child(bundle, [JSON.stringify({ ports, podPort: 0, concurrency: 0 })], flags);
    found.startMs.push(performance.now() - began);
    await new Promise((wait) => setTimeout(wait, 5000));
    const before = cpuMicros(activator.pid!);
    await new Promise((wait) => setTimeout(wait, 10_000));
    found.cpu.push((cpuMicros(activator.pid!) - before) / 1000);
    found.mb.push(residentBytes(activator.pid!) / MB);
    await end(activator);
  }
  console.log(
    `${services} Services and nothing to do: listening ${median(found.startMs)} ms after its start (goal 3000), ${median(found.mb)} MB in all (goal 150), ${median(found.cpu)} ms of CPU in 10 s`,
  );
};
