/**
 * `npm run test:protocols -- [vitest arguments]`: the activator against programs not written here. They are
 * built from their Go modules or come from Debian's packages; one that is missing is a failure in CI, and
 * elsewhere the reason why nothing was run.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { missingPrerequisites } from "./prerequisites.ts";
import { buildTools } from "./tools.ts";

const VITEST = resolve(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const CONFIG = resolve(import.meta.dirname, "vitest.config.ts");

const ci = process.env["CI"] === "true" || process.env["CI"] === "1";
const missing = missingPrerequisites(ci);
if (missing.length > 0) {
  console.error(`protocol tests were not run: missing ${missing.join("; ")}`);
  process.exit(ci ? 1 : 0);
}
buildTools();
const argv = [VITEST, "run", `--config=${CONFIG}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: "inherit" });
process.exitCode = status ?? 1;
