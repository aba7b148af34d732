import { parseArgs } from "node:util";

/** `cold-start --local -n 50 [--out FILE.svg]` or `cold-start --cluster -n 30 [...]`. */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    strict: false,
    options: {
      local: { type: "boolean" },
      cluster: { type: "boolean" },
      n: { type: "string", short: "n" },
      out: { type: "string" },
    },
  });
  const runs = Number(values.n ?? 50);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`-n ${String(values.n)}: give a whole number of runs, 1 or more`);
  if (values.cluster === true) {
    const cluster = await import("../cold-start-cluster/main.ts");
    return cluster.runCluster(runs, args);
  }
  const { runLocal } = await import("./local.ts");
  await runLocal(runs, typeof values.out === "string" ? values.out : "cold-start-local.svg");
};
