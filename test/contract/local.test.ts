import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#core/clock.ts";
import { buildPlan } from "../../local/plan/build.ts";
import { assignRoutes } from "../../local/plan/routes.ts";
import { RouteTable } from "../../local/world/routes.ts";
import { World } from "../../local/world/world.ts";
import { describePorts } from "./ports.ts";
import type { Behaviour, ContractWorld, DeployOptions } from "./world.ts";

const programs: Record<Behaviour, string> = {
  works: `for (const port of [process.env.PORT, process.env.PORT_METRICS]) {
    require("node:http").createServer((_, response) => response.end("ok")).listen(port, "127.0.0.1");
  }`,
  crashes: `console.error("no such table"); process.exit(3);`,
};

const manifests = (name: string, { behaviour, annotations }: DeployOptions): object[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, annotations },
    spec: {
      selector: { app: name },
      ports: [
        { name: "http", port: 80, targetPort: 8080 },
        { name: "metrics", port: 9090 },
      ],
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [{ name: "app", image: "app", command: [process.execPath, "-e", programs[behaviour]] }],
        },
      },
    },
  },
];

const openLocal = async (): Promise<ContractWorld> => {
  const folder = mkdtempSync(join(tmpdir(), "pilotlight-contract-"));
  const running = new Set<number>();
  const world = new World({
    clock: systemClock,
    env: process.env,
    run: { add: (pid) => running.add(pid), remove: (pid) => running.delete(pid) },
    line: () => undefined,
    busy: () => 0,
  });
  const routes = new RouteTable();
  await world.start();
  const deployed = new Map<string, object[]>();
  const apply = async (): Promise<void> => {
    const file = join(folder, "all.json");
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: "v1", kind: "List", items: [...deployed.values()].flat() }),
    );
    const plan = buildPlan([file], process.env);
    if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
    const assigned = await assignRoutes(plan.value, routes.list());
    if (!assigned.ok) throw new Error(JSON.stringify(assigned.problems));
    world.apply(plan.value);
    routes.replace(assigned.value);
  };
  return {
    revisions: world.revisions,
    dests: world.dests,
    scale: world.scale(),
    wakingPods: world.wakingPods,
    routes,
    deploy: async (name, options) => {
      deployed.set(`default/${name}`, manifests(name, options));
      await apply();
      return `default/${name}`;
    },
    remove: async (id) => {
      deployed.delete(id);
      if (deployed.size > 0) return apply();
      world.apply({ services: [], workloads: [], autoscalerConfig: {}, passedOver: [], places: new Map() });
      routes.replace([]);
    },
    [Symbol.asyncDispose]: async () => {
      await world.stop();
      rmSync(folder, { recursive: true });
      if (running.size > 0) throw new Error(`processes are left: ${[...running].join(", ")}`);
    },
  };
};

describePorts("local", openLocal);
