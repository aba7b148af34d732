/**
 * `npm run test:cluster -- [--name NAME] [--k3d] [vitest arguments]`: makes a cluster, runs the tests inside
 * it, and takes it down again. With `--name` of one that is up, that one is used and stays.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { accessCluster, insideEnv, isUp, makeCluster, removeCluster } from "./setup/access.ts";
import { readOptions, type ClusterOptions } from "./options.ts";
import { missingPrerequisites } from "./setup/prerequisites.ts";

const VITEST = resolve(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const CONFIG = resolve(import.meta.dirname, "vitest.config.ts");

const { options: asked, rest } = readOptions(process.argv.slice(2), process.env);
const borrowed = isUp(asked);
// One run, one cluster: two runs in one checkout are side by side like any other two.
const options: ClusterOptions = borrowed ? asked : { ...asked, name: `test-${process.pid}` };

const runTests = async (): Promise<number> => {
  const { inside } = await accessCluster(options);
  const argv = [...(inside ?? []), process.execPath, VITEST, "run", `--config=${CONFIG}`, ...rest];
  const env = { ...process.env, ...insideEnv(options) };
  const tests = spawn(argv[0]!, argv.slice(1), { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => tests.kill(signal));
  const [code] = (await once(tests, "close")) as [number | null];
  return code ?? 1;
};

const missing = await missingPrerequisites(options);
if (missing.length > 0) {
  console.error(`cluster tests were not run: missing ${missing.join("; ")}`);
  process.exit(options.ci ? 1 : 0);
}
if (!borrowed) await makeCluster(options, "with this process");
try {
  process.exitCode = await runTests();
} finally {
  if (!borrowed) await removeCluster(options);
}
