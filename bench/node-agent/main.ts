import { resolve } from "node:path";
import { stateDir } from "../../test/cluster/setup/state.ts";
import { installAnew, withCluster } from "../with-cluster.ts";

const INSIDE = resolve(import.meta.dirname, "inside.ts");
const MODES = ["on", "off", "both"];

/**
 * `cold-start --cluster -n 30 --node-agent on|off|both [--out FILE.svg]`: cold starts with and without the node
 * agent, in turns, beside the container's own start as the runtime shows it.
 */
export const runNodeAgent = async (runs: number, mode: string, out: string): Promise<void> => {
  if (!MODES.includes(mode)) throw new Error(`--node-agent ${mode}: one of ${MODES.join(", ")}`);
  await withCluster(async ({ access, runInside, name }) => {
    const socket = stateDir(name).containerdSocket;
    await installAnew(access, ["nodeAgent.enabled=true", `nodeAgent.socket=${socket}`]);
    await runInside(INSIDE, [access.kubeconfig, socket, String(runs), mode, resolve(out)]);
  });
};
