import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

const MODULE = resolve(import.meta.dirname, "tools");
/** Each program by the Go package it is built from; `tools/go.mod` says which version. */
const PACKAGES = {
  h2spec: "github.com/summerwind/h2spec/cmd/h2spec",
  "interop-client": "google.golang.org/grpc/interop/client",
  "interop-server": "google.golang.org/grpc/interop/server",
} as const;

export type Tool = keyof typeof PACKAGES;

/** The folder of the built tools: one for each content of go.mod and go.sum, so that a change builds anew. */
const folderOf = (): string => {
  const hash = createHash("sha256");
  for (const source of ["go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, source)));
  const cache = process.env["PILOTLIGHT_CACHE"] ?? join(homedir(), ".cache", "pilotlight");
  return join(cache, `protocols-${hash.digest("hex").slice(0, 16)}`);
};

/** The path of a tool that `buildTools` has built. */
export const toolPath = (tool: Tool): string => join(folderOf(), tool);

/** Builds what no package has, unless the cache has it. */
export const buildTools = (): void => {
  const folder = folderOf();
  if (existsSync(folder)) return;
  console.log("building h2spec and gRPC's interop programs from their Go modules: once, 1 to 3 minutes");
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const [tool, source] of Object.entries(PACKAGES)) {
    const build = ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];
    execFileSync("nice", ["go", ...build, "-o", join(unfinished, tool), source], {
      cwd: MODULE,
      env: { ...process.env, CGO_ENABLED: "0" },
      stdio: "inherit",
    });
  }
  try {
    renameSync(unfinished, folder); // whole or not at all, also when two build side by side
  } catch {
    rmSync(unfinished, { recursive: true });
  }
};
