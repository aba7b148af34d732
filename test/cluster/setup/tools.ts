import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { exec } from "./exec.ts";

/** Paths of the programs that are built here because no package has them. */
export interface Tools {
  /** Every part of Kubernetes and kubectl; the first argument says which. */
  readonly kubernetes: string;
  readonly helm: string;
  readonly coredns: string;
}

const MODULE = resolve(import.meta.dirname, "..", "tools");
const COMMANDS = ["kubernetes", "helm", "coredns"] as const;
const SOURCES = ["go.mod", "go.sum", ...COMMANDS.map((command) => `${command}/main.go`)];

/**
 * Builds the tools, or takes them from the cache: one folder for each content of their sources, so that
 * a change builds anew and going back does not.
 */
export const buildTools = async (cacheDir: string): Promise<Tools> => {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(readFileSync(join(MODULE, source)));
  const folder = join(cacheDir, `tools-${hash.digest("hex").slice(0, 16)}`);
  if (!existsSync(folder)) await buildInto(folder);
  return {
    kubernetes: join(folder, "kubernetes"),
    helm: join(folder, "helm"),
    coredns: join(folder, "coredns"),
  };
};

const buildInto = async (folder: string): Promise<void> => {
  console.log(
    "building Kubernetes, helm and CoreDNS from their Go modules: once, 5 to 10 minutes on 2 cores",
  );
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const build = ["build", "-trimpath", "-buildvcs=false", "-ldflags", linkerFlags(kubernetesVersion())];
  const packages = COMMANDS.map((command) => `./${command}`);
  const env = { CGO_ENABLED: "0" };
  await exec(["nice", "go", ...build, "-o", `${unfinished}/`, ...packages], { cwd: MODULE, env, show: true });
  try {
    renameSync(unfinished, folder); // whole or not at all, also when two build side by side
  } catch {
    rmSync(unfinished, { recursive: true });
  }
};

const kubernetesVersion = (): string => {
  const found = /k8s\.io\/kubernetes v(\d+)\.(\d+)\.(\d+)/.exec(readFileSync(join(MODULE, "go.mod"), "utf8"));
  if (found === null) throw new Error("test/cluster/tools/go.mod names no version of k8s.io/kubernetes");
  return found.slice(1).join(".");
};

/** Kubernetes refuses to start when it does not know its own version, and the linker is what tells it. */
const linkerFlags = (version: string): string => {
  const [major, minor] = version.split(".");
  const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(variables).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  return ["-s", "-w", ...flags].join(" ");
};
