import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkForwarded, checkRow } from "./check.ts";
import { type Setting, contestants } from "./contestants.ts";
import { goProgram } from "./go-program.ts";
import { load, needLoadGenerator } from "./load.ts";
import { type Memory, measureMemory } from "./memory.ts";
import { type Running, cpuMicros, freePort, start } from "./process.ts";
import { type Samples, memoryReport, newSamples, rowReport } from "./report.ts";
import { type Row, rows } from "./rows.ts";

interface Plan {
  readonly rows: readonly Row[];
  readonly names: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly memory: boolean;
}

const folder = resolve(import.meta.dirname, "../../.cache/bench-proxy");
/** The proxy has a core of its own where there are two; load and pods share the other. */
const [busyCore, proxyCore] = availableParallelism() > 1 ? ["0", "1"] : [undefined, undefined];

const list = (text: string, all: readonly string[], what: string): string[] => {
  const names = text === "" ? [...all] : text.split(",");
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new Error(`no ${what} is called "${unknown}"; there are ${all.join(", ")}`);
  return names;
};

const planOf = (args: string[]): Plan => {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "" },
      contestants: { type: "string", default: "" },
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      connections: { type: "string", default: "32" },
      "no-memory": { type: "boolean", default: false },
    },
  });
  const wanted = list(
    values.rows,
    rows.map(({ name }) => name),
    "row",
  );
  return {
    rows: rows.filter(({ name }) => wanted.includes(name)),
    names: list(
      values.contestants,
      contestants.map(({ name }) => name),
      "contestant",
    ),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    connections: Number(values.connections),
    memory: !values["no-memory"],
  };
};

/** What a request costs in each proxy: CPU, throughput on one core, added latency, memory. */
export const run = async (args: string[]): Promise<void> => {
  const plan = planOf(args);
  await needLoadGenerator();
  mkdirSync(folder, { recursive: true });
  const upstreams = [await freePort(), await freePort()];
  const program = await goProgram("upstream", folder);
  const pods = await start([program, ...upstreams.map(String)], { port: upstreams[1]!, core: busyCore });
  const running = new Map<string, Running>();
  try {
    const setting = { upstreams, folder, core: proxyCore };
    if (plan.memory) console.log(memoryReport(await memoryOf(plan, setting)));
    for (const { name, start } of contestants) {
      if (plan.names.includes(name)) running.set(name, await start(setting));
    }
    for (const row of plan.rows) console.log(await measureRow(row, plan, { running, direct: upstreams[0]! }));
  } finally {
    for (const proxy of [...running.values(), pods]) await proxy.stop();
  }
};

/** Each in a process that has done nothing else. */
const memoryOf = async (plan: Plan, setting: Setting): Promise<Map<string, Memory>> => {
  const memory = new Map<string, Memory>();
  for (const { name, start } of contestants) {
    if (!plan.names.includes(name)) continue;
    const proxy = await start(setting);
    memory.set(name, await measureMemory(proxy));
    await proxy.stop();
  }
  return memory;
};

interface Field {
  readonly running: ReadonlyMap<string, Running>;
  /** Port of a pod. */
  readonly direct: number;
}

/** Every round gives each contestant one turn, so that what else the machine does falls on all alike. */
const measureRow = async (row: Row, plan: Plan, { running, direct }: Field): Promise<string> => {
  const samples = new Map([...running.keys()].map((name) => [name, newSamples()]));
  const base = newSamples();
  const options = { seconds: plan.seconds, core: busyCore, folder };
  for (const [name, { port }] of running) {
    await checkRow(name, port, row);
    await checkForwarded(name, port);
    await warmUp(row, { ...options, port, connections: plan.connections, seconds: 1 });
  }
  for (let round = 0; round < plan.rounds; round++) {
    const alone = await load(row, { ...options, port: direct, connections: 1, seconds: 1 });
    addLatency(base, alone);
    for (const [name, proxy] of running)
      await turn(row, { ...options, connections: plan.connections }, { proxy, into: samples.get(name)! });
  }
  return rowReport(row, samples, base);
};

/** Until whatever is compiled while it runs is compiled: a busy machine needs longer for that. */
const warmUp = async (row: Row, options: Parameters<typeof load>[1]): Promise<void> => {
  let requests = 0;
  for (let i = 0; i < 20 && requests < 40_000; i++) requests += (await load(row, options)).requests;
};

const addLatency = (into: Samples, seen: Awaited<ReturnType<typeof load>>): void => {
  into.p50.push(seen.p50);
  into.p99.push(seen.p99);
  into.p999.push(seen.p999);
};

const turn = async (
  row: Row,
  options: Omit<Parameters<typeof load>[1], "port">,
  { proxy, into }: { readonly proxy: Running; readonly into: Samples },
): Promise<void> => {
  const before = cpuMicros(proxy.pid);
  const busy = await load(row, { ...options, port: proxy.port });
  into.cpu.push((cpuMicros(proxy.pid) - before) / busy.requests);
  into.throughput.push(busy.requests / busy.seconds);
  if (busy.errors > 0) throw new Error(`${busy.errors} wrong answers in row ${row.name}`);
  addLatency(into, await load(row, { ...options, port: proxy.port, connections: 1, seconds: 1 }));
};
