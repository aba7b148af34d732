import { spawn } from "node:child_process";
import { once } from "node:events";
import { readOptions } from "../test/cluster/options.ts";
import {
  accessCluster,
  insideEnv,
  isUp,
  makeCluster,
  removeCluster,
  type Access,
} from "../test/cluster/setup/access.ts";
import { installChart, loadImage, uninstallChart } from "../test/cluster/setup/product.ts";
import { missingPrerequisites } from "../test/cluster/setup/prerequisites.ts";

/**
 * Installs Pilotlight as this checkout has it. On a cluster that was up, pods of an earlier image would go on, and
 * helm would keep an earlier scenario's values.
 */
export const installAnew = async (access: Access, values: readonly string[] = []): Promise<void> => {
  await loadImage(access);
  await uninstallChart(access).catch(() => undefined);
  await installChart(access, values);
};

/** A cluster of our own while a scenario runs. */
export interface BenchCluster {
  readonly access: Access;
  readonly name: string;
  /** Runs a script of this repository where pods can be reached; its exit code becomes this process's. */
  readonly runInside: (script: string, args: readonly string[]) => Promise<void>;
}

/** Uses the cluster that is up, or makes one and takes it down afterwards. Throws when there can be none. */
export const withCluster = async (use: (cluster: BenchCluster) => Promise<void>): Promise<void> => {
  const { options: asked } = readOptions([], process.env);
  if (asked.kind !== "own") throw new Error("this measures on a cluster of its own: unset KUBECONFIG");
  const missing = await missingPrerequisites(asked);
  if (missing.length > 0) throw new Error(`no cluster: missing ${missing.join("; ")}`);
  const borrowed = isUp(asked);
  const options = borrowed ? asked : { ...asked, name: `bench-${process.pid}` };
  if (!borrowed) await makeCluster(options, "with this process");
  try {
    const access = await accessCluster(options);
    const runInside = async (script: string, args: readonly string[]): Promise<void> => {
      const argv = [...access.inside!, process.execPath, script, ...args];
      const env = { ...process.env, ...insideEnv(options) };
      const child = spawn(argv[0]!, argv.slice(1), { stdio: "inherit", env });
      const [code] = (await once(child, "close")) as [number | null];
      process.exitCode = code ?? 1;
    };
    await use({ access, name: options.name, runInside });
  } finally {
    if (!borrowed) await removeCluster(options);
  }
};
