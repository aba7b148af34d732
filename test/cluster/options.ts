import { createHash } from "node:crypto";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** Where the cluster comes from: made here, made by the k3d command, or there already (`KUBECONFIG`). */
type ClusterKind = "own" | "k3d" | "given";

/** What every command of the test cluster needs to know. */
export interface ClusterOptions {
  readonly kind: ClusterKind;
  /** Tells clusters side by side apart: names the state folder, the cgroup and the k3d cluster. */
  readonly name: string;
  /** Where what was built once is kept. */
  readonly cacheDir: string;
  /** In CI whatever is missing is a failure; elsewhere it is said and skipped. */
  readonly ci: boolean;
  /** The kubeconfig of a given cluster. */
  readonly kubeconfig: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Lower-case letters, digits and hyphens; short, because paths of Unix sockets are made of it (at most 107 bytes). */
const NAME = /^[a-z0-9][a-z0-9-]{0,29}$/;

/**
 * Reads `--name`, `--k3d`, `--cache` and the environment (`KUBECONFIG`, `PILOTLIGHT_CLUSTER`,
 * `PILOTLIGHT_CACHE`, `CI`). What it does not know is returned as `rest`, in order.
 */
export const readOptions = (
  args: readonly string[],
  env: Env,
): { options: ClusterOptions; rest: string[] } => {
  const { own, rest } = splitArgs(args);
  const { values } = parseArgs({
    args: own,
    options: { name: { type: "string" }, cache: { type: "string" }, k3d: { type: "boolean" } },
  });
  const name = values.name ?? env["PILOTLIGHT_CLUSTER"] ?? `pilotlight-${checkoutId()}`;
  if (!NAME.test(name)) throw new Error(`cluster name "${name}": use 1 to 30 of a-z, 0-9 and -`);
  const kubeconfig = env["KUBECONFIG"] === "" ? undefined : env["KUBECONFIG"];
  const options: ClusterOptions = {
    kind: values.k3d === true ? "k3d" : kubeconfig === undefined ? "own" : "given",
    name,
    cacheDir: resolve(values.cache ?? env["PILOTLIGHT_CACHE"] ?? join(homedir(), ".cache", "pilotlight")),
    ci: env["CI"] === "true" || env["CI"] === "1",
    kubeconfig,
  };
  return { options, rest };
};

/** Two checkouts on one machine get two clusters without being told to. */
const checkoutId = (): string =>
  createHash("sha256")
    .update(import.meta.dirname)
    .digest("hex")
    .slice(0, 6);

/** Our flags come first, before `--` or the first word that is not one of them. */
const splitArgs = (args: readonly string[]): { own: string[]; rest: string[] } => {
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") return { own: args.slice(0, i), rest: args.slice(i + 1) };
    if (arg === "--k3d" || /^--(name|cache)=/.test(arg)) continue;
    if (arg !== "--name" && arg !== "--cache") break;
    i++;
  }
  return { own: args.slice(0, i), rest: args.slice(i) };
};

/** The folder that holds all state of all clusters of this machine. */
export const STATE_ROOT = join(tmpdir(), "pilotlight-cluster");
