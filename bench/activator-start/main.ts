import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "#core/clock.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { withCluster } from "../with-cluster.ts";

const INSIDE = resolve(import.meta.dirname, "inside.ts");

/**
 * `activator-start -n 20`: the time from starting the image's process to its first 200 from /readyz, and the
 * memory it holds when nothing happens. The image's files are used without a container around them, because a
 * container's own start is not the activator's.
 */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({ args, options: { n: { type: "string", short: "n", default: "20" } } });
  execFileSync(process.execPath, ["scripts/image.ts", "--prepare"], { stdio: "ignore" });
  const root = mkdtempSync(join(tmpdir(), "pilotlight-root-"));
  try {
    cpSync("dist/image/system", root, { recursive: true });
    cpSync("dist/image/app", join(root, "app"), { recursive: true });
    mkdirSync(join(root, "proc"));
    await withCluster(async ({ access, runInside }) => {
      const server = await mountAccount(root, access.kubeconfig);
      execFileSync("chmod", ["-R", "a+rX", root]); // it runs as a user of its own, as in the image
      await runInside(INSIDE, [root, values.n, server]);
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

/** Gives it the API server as a pod has it: a token, a certificate and a namespace. Returns the server's address. */
const mountAccount = async (root: string, kubeconfig: string): Promise<string> => {
  const access = await kubeconfigAccess(kubeconfig, { clock: systemClock });
  const account = join(root, "var/run/secrets/kubernetes.io/serviceaccount");
  mkdirSync(account, { recursive: true });
  writeFileSync(join(account, "token"), (await access.token(false))!);
  writeFileSync(join(account, "ca.crt"), access.tls.ca!);
  writeFileSync(join(account, "namespace"), access.namespace);
  return access.server;
};
