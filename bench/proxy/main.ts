import { mkdirSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkForwarded, checkRow } from "./check.ts";
import { type Setting, contestants } from "./contestants.ts";
import { goProgram } from "./go-program.ts";
import { load, needLoadGenerators } from "./load.ts";
import { type Memory, measureMemory } from "./memory.ts";
import { type Running, cpuMicros, freePort, start } from "./process.ts";
import { type Samples, memoryReport, newSamples, rowReport } from "./report.ts";
import { type Kind, type Row, rows } from "./rows.ts";

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
  await needLoadGenerators(plan.rows);
  mkdirSync(folder, { recursive: true });
  for (const program of ["upstream", "echo-load"] as const) await goProgram(program, folder);
  const [tcpPort, ...http] = [await freePort(), await freePort(), await freePort()] as const;
  const command = [join(folder, "upstream"), tcpPort, ...http].map(String);
  const pods = await start(command, { port: http[1], core: busyCore });
  const portsOf: Record<Kind, readonly number[]> = { http, grpc: http, tcp: [tcpPort] };
  console.log(
    `load average ${loadavg()[0]!.toFixed(1)} before, ${cpus().length} cores, ${plan.seconds} s a turn`,
  );
  try {
    if (plan.memory) console.log(memoryReport(await memoryOf(plan, settingOf("http", http))));
    for (const kind of ["http", "grpc", "tcp"] as const)
      await measureKind(plan, settingOf(kind, portsOf[kind]));
  } finally {
    await pods.stop();
  }
};

const settingOf = (kind: Kind, upstreams: readonly number[]): Setting => ({
  kind,
  upstreams,
  folder,
  core: proxyCore,
});

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

/** The rows of one kind; who cannot do it is left out and named. */
const measureKind = async (plan: Plan, setting: Setting): Promise<void> => {
  const mine = plan.rows.filter(({ kind }) => kind === setting.kind);
  if (mine.length === 0) return;
  const asked = contestants.filter(({ name }) => plan.names.includes(name));
  const [able, unable] = [true, false].map((can) =>
    asked.filter(({ kinds }) => kinds.includes(setting.kind) === can),
  ) as [typeof asked, typeof asked];
  const running = new Map<string, Running>();
  try {
    for (const { name, start } of able) running.set(name, await start(setting));
    for (const row of mine)
      console.log(await measureRow(row, plan, { running, direct: setting.upstreams[0]! }));
    if (unable.length > 0)
      console.log(`not in ${setting.kind} rows: ${unable.map(({ name }) => name).join(", ")}\n`);
  } finally {
    for (const proxy of running.values()) await proxy.stop();
  }
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
    const warm = { ...options, port, connections: plan.connections, seconds: 1 };
    await checkRow(name, row, warm);
    if (row.kind === "http") await checkForwarded(name, port);
    await warmUp(row, warm);
  }
  for (let round = 0; round < plan.rounds; round++) {
    addLatency(base, await load(row, { ...options, ...oneClient, port: direct }));
    for (const [name, proxy] of running)
      await turn(row, { ...options, connections: plan.connections }, { proxy, into: samples.get(name)! });
  }
  return rowReport(row, samples, base);
};

/**
 * Latency is seen by a client on the proxy's core: so that its request crosses from one core to the other as often
 * with a proxy as without, which on a machine like this costs more than any proxy.
 */
const oneClient = { connections: 1, seconds: 1, core: proxyCore };

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
  addLatency(into, await load(row, { ...options, ...oneClient, port: proxy.port }));
};
