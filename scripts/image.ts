/**
 * `npm run image -- [--name NAME] [--out FILE] [--prepare]`: builds the image, a docker-archive, and prints its
 * size. `--prepare` only makes the folder that the Containerfile copies from, for an engine to build.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { buildImage } from "./image/buildah.ts";
import { bundle } from "./image/bundle.ts";
import { cacheCode } from "./image/code-cache.ts";
import { copySystem } from "./image/system.ts";

process.chdir(resolve(import.meta.dirname, ".."));
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const { values } = parseArgs({
  options: {
    name: { type: "string", default: `docker.io/pilotlight/pilotlight:${version}` },
    out: { type: "string", default: "dist/pilotlight.tar" },
    prepare: { type: "boolean", default: false },
  },
});

const CONTEXT = "dist/image";

const megabytes = (path: string): string => {
  const files = statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file));
  const bytes = files.reduce((sum, file) => sum + (statSync(file).isFile() ? statSync(file).size : 0), 0);
  return `${(bytes / 1e6).toFixed(1)} MB`;
};

rmSync(CONTEXT, { recursive: true, force: true });
mkdirSync(CONTEXT, { recursive: true });
await bundle(join(CONTEXT, "app"));
cacheCode(join(CONTEXT, "app"));
copySystem(join(CONTEXT, "system"));
if (values.prepare) {
  console.log(`prepared: docker build -f Containerfile -t ${values.name} ${CONTEXT}`);
  process.exit(0);
}
const buildah = process.env["PATH"]!.split(":").some((folder) => existsSync(join(folder, "buildah")));
if (!buildah) throw new Error("buildah is missing: apt-get install buildah, or --prepare and docker build");
await buildImage({
  containerfile: "Containerfile",
  context: CONTEXT,
  name: values.name,
  archive: values.out,
});
const packed = `${(gzipSync(readFileSync(values.out)).length / 1e6).toFixed(1)} MB to pull`;
console.log(`${values.name} in ${values.out}: ${packed}, ${megabytes(values.out)} unpacked, of which`);
console.log(
  `  ${megabytes(join(CONTEXT, "system"))} Node and the C library, ${megabytes(join(CONTEXT, "app"))} ours`,
);
