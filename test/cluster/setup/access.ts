import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterOptions } from "../options.ts";
import { exec } from "./exec.ts";
import { importImage } from "./node.ts";
import { enterSandbox, INSIDE_VARIABLE } from "./sandbox.ts";
import { identify, isAlive, readRecord, stateDir } from "./state.ts";
import { buildTools } from "./tools.ts";
import { bringUp, takeDown } from "./up.ts";

/** How to reach a cluster, wherever it comes from. */
export interface Access {
  readonly kubeconfig: string;
  /** The words that a kubectl or helm command begins with. */
  readonly kubectl: readonly string[];
  readonly helm: readonly string[];
  /** The words to put before a command that is to see pods, Services and names; `undefined`: only pods do. */
  readonly inside: readonly string[] | undefined;
  /** Puts an image (docker-archive) on the nodes. */
  importImage(archive: string): Promise<void>;
}

/** Ways to one that is up. */
export const accessCluster = async (options: ClusterOptions): Promise<Access> => {
  if (options.kind === "given") return fromPath(options.kubeconfig!, undefined);
  if (options.kind === "k3d") return accessK3d(options);
  const state = stateDir(options.name);
  const tools = await buildTools(options.cacheDir);
  const inside = enterSandbox(state);
  return {
    kubeconfig: state.kubeconfig,
    kubectl: [...inside, tools.kubernetes, "kubectl", `--kubeconfig=${state.kubeconfig}`],
    helm: [...inside, tools.helm, `--kubeconfig=${state.kubeconfig}`],
    inside,
    importImage: (archive) => importImage(state, archive),
  };
};

const accessK3d = async ({ name, cacheDir }: ClusterOptions): Promise<Access> => {
  mkdirSync(cacheDir, { recursive: true });
  const kubeconfig = join(cacheDir, `k3d-${name}.kubeconfig`);
  const { stdout } = await exec(["k3d", "kubeconfig", "get", name]);
  writeFileSync(kubeconfig, stdout, { mode: 0o600 });
  return fromPath(kubeconfig, async (archive) => {
    await exec(["k3d", "image", "import", archive, "--cluster", name]);
  });
};

/** A cluster that is not ours has its own tools, which are found in PATH. */
const fromPath = (kubeconfig: string, load: Access["importImage"] | undefined): Access => ({
  kubeconfig,
  kubectl: ["kubectl", `--kubeconfig=${kubeconfig}`],
  helm: ["helm", `--kubeconfig=${kubeconfig}`],
  inside: undefined,
  // Images are where the cluster's owner put them: see docs/testing.md.
  importImage: load ?? (() => Promise.resolve()),
});

/** Whether it is there without being made: one of our own that runs, or one that was given. */
export const isUp = (options: ClusterOptions): boolean => {
  if (options.kind !== "own") return options.kind === "given";
  const record = readRecord(stateDir(options.name));
  return record !== undefined && isAlive(record.holder);
};

/** Makes the cluster, if it is one to be made. With `ends`, it ends with this process. */
export const makeCluster = async (options: ClusterOptions, ends: "with this process" | "when taken down") => {
  if (options.kind === "k3d") {
    const quiet = [
      "--kubeconfig-update-default=false",
      "--kubeconfig-switch-context=false",
      "--no-lb",
      "--wait",
    ];
    await exec(["k3d", "cluster", "create", options.name, ...quiet], { show: true });
  }
  if (options.kind === "own")
    await bringUp(options, ends === "with this process" ? identify(process.pid) : undefined);
};

export const removeCluster = async (options: ClusterOptions): Promise<void> => {
  if (options.kind === "k3d") await exec(["k3d", "cluster", "delete", options.name], { show: true });
  if (options.kind === "own") await takeDown(options.name);
};

/** What processes that run inside are told, so that they do not try to enter once more. */
export const insideEnv = (options: ClusterOptions): Record<string, string> => ({
  PILOTLIGHT_CLUSTER: options.name,
  PILOTLIGHT_CACHE: options.cacheDir,
  ...(options.kind === "own" ? { [INSIDE_VARIABLE]: options.name } : {}),
});
