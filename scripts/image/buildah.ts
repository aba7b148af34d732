import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What to build from what, and where to put it. */
export interface ImageBuild {
  readonly containerfile: string;
  /** The folder that COPY sees. */
  readonly context: string;
  /** The full name with its tag, as pods will call it. */
  readonly name: string;
  /** The file to write: a docker-archive, as `docker load` and `ctr images import` take it. */
  readonly archive: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/**
 * Builds an image without an engine and without a registry, by Debian's buildah. Its storage is a folder that
 * is deleted afterwards: the archive is all that stays.
 */
export const buildImage = async (build: ImageBuild): Promise<void> => {
  const storage = mkdtempSync(join(tmpdir(), "pilotlight-image-"));
  const buildah = ["buildah", "--root", join(storage, "root"), "--runroot", join(storage, "run")];
  const at = ["--storage-driver", "vfs"];
  const buildArgs = Object.entries(build.buildArgs ?? {}).map(
    ([key, value]) => `--build-arg=${key}=${value}`,
  );
  try {
    rmSync(build.archive, { force: true });
    await run([...buildah, ...at, "build", ...buildFlags(build), ...buildArgs, build.context]);
    await run([
      ...buildah,
      ...at,
      "push",
      "--quiet",
      build.name,
      `docker-archive:${build.archive}:${build.name}`,
    ]);
  } finally {
    rmSync(storage, { recursive: true, force: true });
  }
};

const buildFlags = (build: ImageBuild): string[] => [
  "--quiet",
  "--isolation=chroot", // needs no control groups; nothing is run while building anyway
  "--timestamp=0", // the same content gives the same image
  `--file=${build.containerfile}`,
  `--tag=${build.name}`,
];

const run = async (argv: readonly string[]): Promise<void> => {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(" ")}\n${said.trim()}`);
};
