import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ClusterOptions } from "../options.ts";
import { tryExec } from "./exec.ts";

/** A thing the cluster needs, and the Debian package that has it. */
interface Need {
  readonly path: string;
  readonly package: string;
}

const NEEDS: readonly Need[] = [
  { path: "etcd", package: "etcd-server" },
  { path: "containerd", package: "containerd" },
  { path: "runc", package: "runc" },
  { path: "/usr/lib/cni/bridge", package: "containernetworking-plugins" },
  { path: "conntrack", package: "conntrack" },
  { path: "iptables", package: "iptables" },
  { path: "ip", package: "iproute2" },
  { path: "nsenter", package: "util-linux" },
  { path: "mount", package: "mount" },
  { path: "sysctl", package: "procps" },
  { path: "buildah", package: "buildah" },
];

/** The oldest Go that can fetch the one our go.mod asks for by itself. */
const OLDEST_GO = 21;

/** Folders that a login shell has in its path and a cron job or a CI step may not. */
const EXTRA_PATH = ["/usr/local/go/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Makes commands of the system folders findable for this process and its children. */
const extendPath = (): void => {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  process.env["PATH"] = [...folders, ...EXTRA_PATH.filter((folder) => !folders.includes(folder))].join(
    delimiter,
  );
};

const isThere = (path: string): boolean =>
  path.startsWith("/")
    ? existsSync(path)
    : process.env["PATH"]!.split(delimiter).some((folder) => existsSync(join(folder, path)));

/**
 * Looks for everything a cluster of this kind needs and installs Debian packages that are missing.
 * Returns what is still missing, one readable line each; empty when all is there.
 */
export const missingPrerequisites = async (options: ClusterOptions): Promise<string[]> => {
  extendPath();
  if (options.kind === "k3d") return isThere("k3d") ? [] : ["the command k3d (https://k3d.io)"];
  if (options.kind === "given") return [];
  if (process.platform !== "linux") return [`Linux (this is ${process.platform}): use KUBECONFIG or --k3d`];
  if (process.getuid?.() !== 0) return ["root, to make namespaces: use sudo, KUBECONFIG or --k3d"];
  await install(NEEDS.filter(({ path }) => !isThere(path)));
  const missing = NEEDS.filter(({ path }) => !isThere(path)).map(
    (need) => `${need.path} (package ${need.package})`,
  );
  return [...missing, ...(await missingGo())];
};

const install = async (needs: readonly Need[]): Promise<void> => {
  if (needs.length === 0 || !isThere("apt-get")) return;
  const packages = [...new Set(needs.map((need) => need.package))];
  console.log(`installing ${packages.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await tryExec(["apt-get", "update", "-q"], { env });
  const result = await tryExec(["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages], {
    env,
  });
  if (result.code !== 0) console.error(result.stderr.trim());
};

const missingGo = async (): Promise<string[]> => {
  if (!isThere("go")) await install([{ path: "go", package: "golang-go" }]);
  if (!isThere("go")) return ["Go (https://go.dev/dl)"];
  const { stdout } = await tryExec(["go", "env", "GOVERSION"]);
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? Infinity);
  return minor >= OLDEST_GO ? [] : [`Go 1.${OLDEST_GO} or newer, not ${stdout.trim()} (https://go.dev/dl)`];
};
