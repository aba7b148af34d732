import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PATIENCE, useCluster } from "./cluster.ts";
import { until } from "./setup/exec.ts";
import { INSIDE_VARIABLE } from "./setup/sandbox.ts";
import { stateDir } from "./setup/state.ts";
import { removeLeftovers, takeDown } from "./setup/up.ts";

const cluster = useCluster();
const NAME = `leftover-${process.pid}`;
const UP = `
  const { bringUp } = await import(${JSON.stringify(resolve(import.meta.dirname, "setup/up.ts"))});
  const { identify } = await import(${JSON.stringify(resolve(import.meta.dirname, "setup/state.ts"))});
  const { readOptions } = await import(${JSON.stringify(resolve(import.meta.dirname, "options.ts"))});
  await bringUp(readOptions(["--name=${NAME}"], process.env).options, identify(process.pid));
  console.log("up");
  setInterval(() => {}, 1000);
`;

/** Command lines of all processes that name the cluster's folder. */
const processes = (): string[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(stateDir(NAME).root));

afterAll(() => takeDown(NAME));

test("a run that is killed leaves no process, and the next one removes its folder", async (context) => {
  if (!cluster().isInside) return context.skip("this cluster is not one of ours");
  const { [INSIDE_VARIABLE]: _, ...env } = process.env; // a cluster beside this one, not this one
  const owner = spawn(process.execPath, ["--input-type=module", "-e", UP], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  owner.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until("the second cluster", 2 * PATIENCE, () => (/^up$/m.test(said) ? true : undefined));
  expect(processes().join("\n")).toMatch(/etcd[\s\S]*kubelet/);

  owner.kill("SIGKILL");

  await until("the end of its processes", PATIENCE, () => (processes().length === 0 ? true : undefined));
  await removeLeftovers();
  expect(existsSync(stateDir(NAME).root)).toBe(false);
});
