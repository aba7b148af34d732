/** The part that runs inside the cluster's network: `node inside.ts ROOT RUNS SERVER`. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../cold-start/floor.ts";
import { distributionTable } from "../report/table.ts";

const [root = "", count = "", server = ""] = process.argv.slice(2);
const { hostname, port: serverPort } = new URL(server);
/** What the Containerfile says. */
const COMMAND = ["/usr/bin/node", "/app/cli/main.js", "activator"];
const USER = "--userspec=65532:65532";
const CHART = resolve(import.meta.dirname, "../../charts/pilotlight/templates/activator-deployment.yaml");
/** What the chart says. */
const NODE_OPTIONS = /name: NODE_OPTIONS, value: "([^"]+)"/.exec(readFileSync(CHART, "utf8"))![1]!;
const IDLE_MS = 15_000;
/** Of how many runs the memory is read: it hardly differs, and takes long. */
const MEMORY_RUNS = 3;

const start = (port: number): ChildProcess => {
  const argv = ["chroot", USER, "--groups=", root, ...COMMAND];
  const env = {
    NODE_ENV: "production",
    NODE_COMPILE_CACHE: "/app/code-cache",
    NODE_COMPILE_CACHE_PORTABLE: "1",
    NODE_OPTIONS,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: serverPort,
    PILOTLIGHT_ADMIN_PORT: String(port),
    PILOTLIGHT_LOG_LEVEL: "warn",
    POD_NAME: "bench",
    PATH: process.env["PATH"],
  };
  return spawn(argv[0]!, argv.slice(1), { env, stdio: "inherit" });
};

const isReady = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    http
      .get({ host: "127.0.0.1", port, path: "/readyz", agent: false }, (response) => {
        response.resume();
        settle(response.statusCode === 200);
      })
      .on("error", () => settle(false));
  });

/** A field of /proc/PID/status, in megabytes. */
const field = (pid: number, name: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)![1]) * 1024) / 1e6;
};

const ready: number[] = [];
const memory = { resident: [] as number[], own: [] as number[] };
for (let i = 0; i < Number(count); i++) {
  const port = await freePort();
  const began = performance.now();
  const activator = start(port);
  try {
    while (!(await isReady(port))) await sleep(1);
    ready.push(performance.now() - began);
    if (i >= MEMORY_RUNS) continue;
    await sleep(IDLE_MS);
    memory.resident.push(field(activator.pid!, "VmRSS"));
    memory.own.push(field(activator.pid!, "RssAnon"));
  } finally {
    activator.kill("SIGKILL");
    await once(activator, "exit");
  }
}
console.log(distributionTable(new Map([["until ready (goal 300)", ready]]), "ms"));
const rows = [
  ["idle, resident (goal 80)", memory.resident],
  ["of which its own, not the binary's pages", memory.own],
] as const;
console.log(distributionTable(new Map(rows), "MB"));
