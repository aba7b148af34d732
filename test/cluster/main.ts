/**
 * `npm run cluster:up | cluster:down | cluster:kubectl -- ARGS | cluster:helm -- ARGS | cluster:exec -- COMMAND`:
 * a real Kubernetes for tests. docs/testing.md tells what it does to the machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessCluster, isUp, makeCluster, removeCluster } from "./setup/access.ts";
import { missingPrerequisites } from "./setup/prerequisites.ts";
import { readOptions, type ClusterOptions } from "./options.ts";

/** Runs a command with this terminal, and ends with its exit code. */
const become = async (argv: readonly string[]): Promise<void> => {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, "close")) as [number | null];
  process.exitCode = code ?? 1;
};

const up = async (options: ClusterOptions): Promise<void> => {
  const missing = await missingPrerequisites(options);
  if (missing.length > 0) {
    console.error(`no cluster: missing ${missing.join("; ")}`);
    process.exitCode = 1;
    return;
  }
  if (isUp(options)) return console.log(`cluster "${options.name}" is up already`);
  const began = performance.now();
  await makeCluster(options, "when taken down");
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`cluster "${options.name}" is up after ${seconds} s: npm run cluster:kubectl -- get nodes`);
};

const commands: Record<string, (options: ClusterOptions, rest: string[]) => Promise<void>> = {
  up,
  down: async (options) => {
    await removeCluster(options);
    console.log(`cluster "${options.name}" is down`);
  },
  kubectl: async (options, rest) => become([...(await accessCluster(options)).kubectl, ...rest]),
  helm: async (options, rest) => become([...(await accessCluster(options)).helm, ...rest]),
  exec: async (options, rest) => become([...((await accessCluster(options)).inside ?? []), ...rest]),
};

const [command = "", ...args] = process.argv.slice(2);
const run = commands[command];
if (run === undefined) {
  console.error(
    `usage: cluster ${Object.keys(commands).join("|")} [--name NAME] [--k3d] [--cache DIR] [-- ARGS]`,
  );
  process.exit(64);
}
const { options, rest } = readOptions(args, process.env);
try {
  await run(options, rest);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
