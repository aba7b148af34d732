import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import type { PodSpec } from "../plan/plan.ts";
import { Launchers } from "../pod/launchers.ts";
import type { Pod } from "../pod/pod.ts";
import { PortStock } from "../pod/port-stock.ts";
import { Workload } from "./workload.ts";

const soon = { timeout: 20_000, interval: 10 };
const running = new Set<number>();
const busy = new Map<string, number>();
let ports: PortStock;
let workload: Workload;
let told: string[];
/** The number of ready pods after each change. */
let ready: number[];

const listens = `require("node:net").createServer().listen(process.env.PORT, "127.0.0.1")`;
const spec = (program: string, more: Partial<PodSpec> = {}): PodSpec => ({
  command: [process.execPath, "-e", program],
  env: [],
  cwd: "/",
  ports: [{ target: 80, variables: ["PORT"] }],
  probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 },
  probesOn: false,
  initialDelayMs: 0,
  failureThreshold: 3,
  graceMs: 5000,
  ...more,
});

const workloadOf = (pod: PodSpec): Workload => {
  const env = { PATH: process.env["PATH"] };
  return new Workload(
    { id: "default/app", pod },
    {
      pod: {
        clock: systemClock,
        env,
        launchers: new Launchers(systemClock, env, 0),
        run: { add: (pid) => running.add(pid), remove: (pid) => running.delete(pid) },
        line: () => undefined,
      },
      ports,
      busy: ({ name }) => busy.get(name) ?? 0,
      idle: async ({ name }) => {
        while ((busy.get(name) ?? 0) > 0) await systemClock.sleep(10);
      },
      created: (_, pod) => told.push(`${pod.name} created`),
      changed: (of, pod, { kind }) => {
        told.push(`${pod.name} ${kind}`);
        ready.push(of.pods.filter(({ phase }) => phase === "ready").length);
      },
    },
  );
};

beforeEach(async () => {
  [told, ready] = [[], []];
  busy.clear();
  ports = new PortStock(systemClock, 4);
  await ports.fill();
  workload = workloadOf(spec(listens));
});
afterEach(async () => {
  busy.clear();
  await workload.stop();
  ports.close();
  expect([...running]).toEqual([]);
});

const names = (phase: Pod["phase"]): string[] =>
  workload.pods.filter((pod) => pod.phase === phase).map(({ name }) => name);
const scaleTo = async (wanted: number): Promise<void> => {
  workload.scale(wanted);
  await expect.poll(() => names("ready").length, soon).toBe(wanted);
};

test("pods are started in the tick in which they are asked for, each with its own ports", async () => {
  workload.scale(2);
  expect(workload.pods.map(({ phase, pid }) => [phase, pid !== undefined])).toEqual([
    ["starting", true],
    ["starting", true],
  ]);
  expect(told.map((line) => line.split(" ")[1])).toEqual(["created", "started", "created", "started"]);
  expect(new Set(workload.pods.flatMap(({ ports }) => ports)).size).toBe(2);
  await expect.poll(() => names("ready").length, soon).toBe(2);
});

test("more pods than there are ports at hand are started all the same", async () => {
  await scaleTo(6);
  expect(workload.pods).toHaveLength(6);
});

test("on the way down pods with requests stay, and of the others the oldest", async () => {
  await scaleTo(4);
  const [first, second, third, fourth] = names("ready") as [string, string, string, string];
  busy.set(fourth, 2);
  busy.set(second, 1);
  workload.scale(2);
  expect(names("ready")).toEqual([second, fourth]);
  expect(names("stopping")).toEqual([first, third]);
  busy.delete(second);
  workload.scale(1);
  expect(names("ready")).toEqual([fourth]);
});

test("a pod that is not ready goes before one that is", async () => {
  await scaleTo(1);
  const [old] = names("ready");
  workload.scale(2);
  workload.scale(1);
  expect(names("ready")).toEqual([old]);
});

test("a pod leaves the service at once, and its process only when its requests are answered", async () => {
  await scaleTo(1);
  const [pod] = workload.pods as [Pod];
  busy.set(pod.name, 1);
  workload.scale(0);
  expect(pod.phase).toBe("stopping");
  await systemClock.sleep(100);
  expect(running.has(pod.pid!)).toBe(true);
  busy.delete(pod.name);
  await expect.poll(() => workload.pods, soon).toEqual([]);
  expect(told.slice(-3)).toEqual([`${pod.name} stopping`, `${pod.name} exited`, `${pod.name} gone`]);
});

test("a changed spec replaces pods one by one, and there are never fewer ready than are wanted", async () => {
  await scaleTo(2);
  const old = names("ready");
  ready = [];
  workload.update(spec(`setTimeout(() => { ${listens} }, 100)`));
  await expect.poll(() => [names("ready").length, workload.pods.length], soon).toEqual([2, 2]);
  expect(names("ready").filter((name) => old.includes(name))).toEqual([]);
  expect(Math.min(...ready)).toBeGreaterThanOrEqual(2);
});

test("the same spec once more changes nothing", async () => {
  await scaleTo(1);
  const before = workload.pods;
  workload.update(spec(listens));
  expect(workload.pods).toBe(before);
});

test("a new spec whose pods do not start leaves the old ones at work", async () => {
  await scaleTo(1);
  const [old] = names("ready");
  workload.update(spec("process.exit(1)"));
  await expect.poll(() => names("backoff").length, soon).toBe(1);
  expect(names("ready")).toEqual([old]);
  workload.update(spec(`${listens}; 1`));
  await expect.poll(() => workload.pods.map(({ phase }) => phase), soon).toEqual(["ready"]);
  expect(names("ready")).not.toEqual([old]);
});

test("once all are killed no other comes, also in the place of one that waited to be started again", async () => {
  workload = workloadOf(spec("process.exit(1)"));
  workload.scale(1);
  await expect.poll(() => names("backoff").length, soon).toBe(1);
  const before = told.filter((line) => line.endsWith("created")).length;
  workload.kill();
  await expect.poll(() => workload.pods, soon).toEqual([]);
  expect(told.filter((line) => line.endsWith("created"))).toHaveLength(before);
});

test("pods of a workload without a port are ready once they run", async () => {
  workload = workloadOf(spec("setInterval(() => {}, 1000)", { ports: [], probe: undefined }));
  workload.scale(1);
  expect(names("ready")).toHaveLength(1);
});

test("a pod is not asked whether it is ready before its initial delay", async () => {
  workload = workloadOf(spec(listens, { initialDelayMs: 3_600_000 }));
  workload.scale(1);
  const [pod] = workload.pods as [Pod];
  await expect
    .poll(
      () => fetch(`http://127.0.0.1:${pod.ports[0]}`, { signal: AbortSignal.timeout(50) }).catch(String),
      soon,
    )
    .toMatch(/TimeoutError/);
  expect(names("starting")).toHaveLength(1);
});
