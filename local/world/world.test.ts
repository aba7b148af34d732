import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import type { Revision } from "#core/revision.ts";
import type { Plan } from "../plan/plan.ts";
import { World } from "./world.ts";

const id = "default/app";
const soon = { timeout: 20_000, interval: 10 };
let world: World;
let running: Set<number>;

const revision = (containerConcurrency: number): Revision => ({
  id,
  namespace: "default",
  name: "app",
  annotations: {},
  ports: [{ name: "", port: 80, protocol: "http1" }],
  probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 },
  containerConcurrency,
  queueDepth: 10,
  timeoutMs: 1000,
  responseStartTimeoutMs: 0,
  idleTimeoutMs: 0,
});

const plan = (given: { replicas: number; scaled: boolean; containerConcurrency?: number }): Plan => ({
  services: [
    {
      revision: revision(given.containerConcurrency ?? 0),
      scaled: given.scaled,
      workloads: [id],
      targets: [80],
      localPorts: [undefined],
    },
  ],
  workloads: [
    {
      id,
      pod: {
        command: ["sleep", "1000"],
        env: [],
        cwd: "/",
        ports: [{ target: 80, variables: ["PORT"] }],
        probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 },
        probesOn: false,
        initialDelayMs: 0,
        failureThreshold: 3,
        graceMs: 5000,
      },
      replicas: given.replicas,
      scaledBy: given.scaled ? id : undefined,
    },
  ],
  autoscalerConfig: {},
  passedOver: [],
  places: new Map(),
});

beforeEach(async () => {
  running = new Set();
  world = new World({
    clock: systemClock,
    env: { PATH: process.env["PATH"] },
    run: { add: (pid) => running.add(pid), remove: (pid) => running.delete(pid) },
    line: () => undefined,
    busy: () => 0,
  });
  await world.start();
});
afterEach(async () => {
  await world.stop();
  expect([...running]).toEqual([]);
});

test("a Service that is scaled has its first pods once, and not again with each changed manifest", async () => {
  world.apply(plan({ replicas: 1, scaled: true }));
  expect(await world.scale().wanted(id)).toBe(1);
  await world.scale().apply(id, 0);
  world.apply(plan({ replicas: 1, scaled: true, containerConcurrency: 5 }));
  expect(await world.scale().wanted(id)).toBe(0);
  expect(world.revisions.get(id)!.containerConcurrency).toBe(5);
});

test("one that is no longer scaled has the pods its manifest says, and cannot be scaled any more", async () => {
  world.apply(plan({ replicas: 0, scaled: true }));
  expect(world.scaled.list()).toHaveLength(1);
  world.apply(plan({ replicas: 2, scaled: false }));
  expect(await world.scale().wanted(id)).toBe(2);
  expect(world.scaled.list()).toEqual([]);
  expect(world.revisions.list()).toHaveLength(1);
  await expect(world.scale().apply(id, 3)).rejects.toThrow("has no annotation that lets it be scaled");
  expect(await world.scale().apply(id, 3, { onlyIf: 0 })).toBe(false);
});

test("the same plan once more is no change to anybody", () => {
  world.apply(plan({ replicas: 0, scaled: true }));
  const before = world.revisions.get(id);
  let told = 0;
  world.revisions.subscribe(() => told++);
  world.apply(plan({ replicas: 0, scaled: true }));
  expect([told, world.revisions.get(id) === before]).toEqual([0, true]);
});

test("a workload that is taken out ends, and one of its name that comes back begins anew", async () => {
  world.apply(plan({ replicas: 1, scaled: false }));
  const [first] = [...running];
  world.apply({ ...plan({ replicas: 1, scaled: false }), services: [], workloads: [] });
  world.apply(plan({ replicas: 1, scaled: false }));
  await expect.poll(() => running.has(first!), soon).toBe(false);
  expect(running.size).toBe(1);
  expect(await world.scale().pods(id)).toEqual({ ready: 0, notReady: 1, pending: 0, terminating: 0 });
});

test("only what the writer itself changes is told to it", async () => {
  world.apply(plan({ replicas: 0, scaled: true }));
  const told: unknown[] = [];
  const scale = world.scale((...change) => told.push(change));
  await scale.apply(id, 1);
  await scale.apply(id, 1);
  await world.scale().apply(id, 2);
  await scale.apply(id, 0, { onlyIf: 1 });
  expect(told).toEqual([[id, 0, 1]]);
});
