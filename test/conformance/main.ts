/**
 * `npm run -s conformance -- DIR [--strict-knative]`: replays recorded decisions of Knative through our code.
 * Exit code 0 when every family passes, 1 when a case fails, 64 when it cannot run.
 */
import { parseArgs } from "node:util";
import { reportLines } from "./report.ts";
import { runAll } from "./run.ts";

const usage = "usage: npm run -s conformance -- DIR [--strict-knative]";

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { "strict-knative": { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [dir, ...rest] = positionals;
  if (dir === undefined || rest.length > 0) throw new Error(usage);
  const results = await runAll(dir, values["strict-knative"]);
  for (const result of results) console.log(reportLines(result).join("\n"));
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
};

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 64;
}
