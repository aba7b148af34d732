import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildImage } from "../../../scripts/image/buildah.ts";
import { exec } from "./exec.ts";

const SOURCES = resolve(import.meta.dirname, "..", "images");

/** The programs of images/, each an image `docker.io/pilotlight-test/NAME:1`. */
const PROGRAMS = ["pause", "hello", "client"] as const;

/** Builds the images that tests run, or takes them from the cache. Returns their archives. */
export const buildTestImages = async (cacheDir: string): Promise<string[]> => {
  const folder = join(cacheDir, `images-${hashOf(SOURCES)}`);
  if (!existsSync(folder)) await buildInto(folder);
  return PROGRAMS.map((program) => join(folder, `${program}.tar`));
};

const buildInto = async (folder: string): Promise<void> => {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const env = { CGO_ENABLED: "0" };
  const packages = PROGRAMS.map((program) => `./${program}`);
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", `${unfinished}/`];
  await exec(["go", "build", ...flags, ...packages], { cwd: SOURCES, env });
  for (const program of PROGRAMS) {
    await buildImage({
      containerfile: join(SOURCES, "Containerfile"),
      context: unfinished,
      name: `docker.io/pilotlight-test/${program}:1`,
      archive: join(unfinished, `${program}.tar`),
      buildArgs: { PROGRAM: program },
    });
  }
  try {
    renameSync(unfinished, folder);
  } catch {
    rmSync(unfinished, { recursive: true });
  }
};

const hashOf = (folder: string): string => {
  const hash = createHash("sha256");
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (/\.(go|mod)$|Containerfile$/.test(path)) hash.update(path).update(readFileSync(join(folder, path)));
  }
  return hash.digest("hex").slice(0, 16);
};
