import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { withCluster } from "../with-cluster.ts";

const INSIDE = resolve(import.meta.dirname, "inside.ts");

/**
 * `admission --rate 50 --seconds 20 -n 10`: how long the API server takes for a Service that the webhook is
 * asked about (twice: to change and to check it), beside one that it is not asked about; what the webhook
 * holds; and how long its process takes from its start until it serves. The image's bundle is what runs.
 */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: "string", default: "50" },
      seconds: { type: "string", default: "20" },
      n: { type: "string", short: "n", default: "10" },
    },
  });
  execFileSync(process.execPath, ["scripts/image.ts", "--prepare"], { stdio: "ignore" });
  await withCluster(({ runInside }) => runInside(INSIDE, [values.rate, values.seconds, values.n]));
};
