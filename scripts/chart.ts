/**
 * `node scripts/chart.ts [--check]`: writes those files of the chart that come from code. With `--check` it writes
 * nothing and exits 1 when one is stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dashboard } from "./chart/dashboard.ts";
import { valuesSchema } from "./chart/values.ts";

const CHART = "charts/pilotlight";
const files = {
  "values.schema.json": valuesSchema(),
  "dashboards/pilotlight.json": dashboard(),
};

for (const [name, wanted] of Object.entries(files)) {
  const file = join(CHART, name);
  if (existsSync(file) && readFileSync(file, "utf8") === wanted) continue;
  if (process.argv.includes("--check")) {
    console.error(`${file} is stale: run npm run generate`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
}
