import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  accessCluster,
  insideEnv,
  isUp,
  makeCluster,
  removeCluster,
} from "../../test/cluster/setup/access.ts";
import { readOptions } from "../../test/cluster/options.ts";
import { installChart, loadImage } from "../../test/cluster/setup/product.ts";
import { missingPrerequisites } from "../../test/cluster/setup/prerequisites.ts";

const INSIDE = resolve(import.meta.dirname, "inside.ts");

/**
 * `cold-start --cluster -n 30 [--out FILE.svg] [--floor-only]`: makes a cluster (or uses the one that is up),
 * installs Pilotlight in it, and measures from inside.
 */
export const runCluster = async (runs: number, args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      out: { type: "string", default: "cold-start-cluster.svg" },
      "floor-only": { type: "boolean" },
    },
  });
  const out = resolve(String(values.out));
  const { options: asked } = readOptions([], process.env);
  if (asked.kind !== "own") throw new Error("--cluster measures on a cluster of its own: unset KUBECONFIG");
  const missing = await missingPrerequisites(asked);
  if (missing.length > 0) throw new Error(`no cluster: missing ${missing.join("; ")}`);
  const borrowed = isUp(asked);
  const options = borrowed ? asked : { ...asked, name: `bench-${process.pid}` };
  if (!borrowed) await makeCluster(options, "with this process");
  try {
    const access = await accessCluster(options);
    const mode = values["floor-only"] === true ? ["--floor-only"] : [];
    if (mode.length === 0) {
      await loadImage(access);
      await installChart(access);
    }
    const argv = [...access.inside!, process.execPath, INSIDE, access.kubeconfig, String(runs), out, ...mode];
    const env = { ...process.env, ...insideEnv(options) };
    const bench = spawn(argv[0]!, argv.slice(1), { stdio: "inherit", env });
    const [code] = (await once(bench, "close")) as [number | null];
    process.exitCode = code ?? 1;
  } finally {
    if (!borrowed) await removeCluster(options);
  }
};
