import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runNodeAgent } from "../node-agent/main.ts";
import { installAnew, withCluster } from "../with-cluster.ts";

const INSIDE = resolve(import.meta.dirname, "inside.ts");

/**
 * `cold-start --cluster -n 30 [--out FILE.svg] [--floor-only | --node-agent on|off|both]`: makes a cluster (or uses
 * the one that is up), installs Pilotlight in it, and measures from inside.
 */
export const runCluster = async (runs: number, args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      out: { type: "string", default: "cold-start-cluster.svg" },
      "floor-only": { type: "boolean", default: false },
      "node-agent": { type: "string" },
    },
  });
  const agent = values["node-agent"];
  if (agent !== undefined) return runNodeAgent(runs, String(agent), String(values.out));
  const mode = values["floor-only"] === true ? ["--floor-only"] : [];
  await withCluster(async ({ access, runInside }) => {
    if (mode.length === 0) await installAnew(access);
    await runInside(INSIDE, [access.kubeconfig, String(runs), resolve(String(values.out)), ...mode]);
  });
};
