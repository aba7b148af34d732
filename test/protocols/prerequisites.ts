import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const EXTRA_PATH = ["/usr/local/go/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];
const POSTGRES = "/usr/lib/postgresql";

/** Programs by the Debian package that has them. */
const NEEDS: readonly (readonly [program: string, debian: string])[] = [
  ["initdb", "postgresql"],
  ["psql", "postgresql-client"],
  ["redis-server", "redis-server"],
  ["redis-cli", "redis-tools"],
  ["nginx", "nginx-light"],
  ["openssl", "openssl"],
  ["curl", "curl"],
  ["python3", "python3-minimal"],
  ["setpriv", "util-linux"],
];

/** Debian keeps PostgreSQL's programs in a folder for each version. */
const postgresFolders = (): string[] =>
  existsSync(POSTGRES) ? readdirSync(POSTGRES).map((version) => join(POSTGRES, version, "bin")) : [];

const extendPath = (): void => {
  const folders = new Set((process.env["PATH"] ?? "").split(delimiter));
  for (const folder of [...EXTRA_PATH, ...postgresFolders()]) folders.add(folder);
  process.env["PATH"] = [...folders].join(delimiter);
};

const isThere = (program: string): boolean =>
  process.env["PATH"]!.split(delimiter).some((folder) => existsSync(join(folder, program)));

const install = (packages: readonly string[]): void => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) => execFileSync("apt-get", ["-qq", ...args], { env, stdio: "inherit" });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
};

/**
 * Looks for every program that the suite runs, and installs Debian packages that are missing where `mayInstall`.
 * Returns what is still missing, one readable line each.
 */
export const missingPrerequisites = (mayInstall: boolean): string[] => {
  extendPath();
  const missing = () => NEEDS.filter(([program]) => !isThere(program));
  if (mayInstall && process.getuid?.() === 0 && isThere("apt-get") && missing().length > 0)
    install(missing().map(([, debian]) => debian));
  extendPath();
  const lines = missing().map(([program, debian]) => `${program} (package ${debian})`);
  return isThere("go") ? lines : [...lines, "go 1.21 or later (https://go.dev/dl)"];
};
