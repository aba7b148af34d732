import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { lean } from "./lean.ts";

/** Packages written for `require` call it for Node's own modules, and an ES module has none by itself. */
const REQUIRE = [
  'import { createRequire as pilotlightRequire } from "node:module";',
  "const require = pilotlightRequire(import.meta.url);",
].join("\n");

/**
 * Bundles the command into `folder`: an entry, one bundle for each sub-command that it loads when called, and
 * what they share. A part's start is on the path of a cold start, and node_modules costs it twice the time.
 * Nothing is minified: a stack trace can be read as it is, and costs no memory until there is one.
 */
export const bundle = async (folder: string): Promise<void> => {
  await esbuild({
    entryPoints: ["cli/main.ts"],
    outbase: ".",
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
    plugins: [...lean],
  });
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, string>;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, type: "module" }));
};
