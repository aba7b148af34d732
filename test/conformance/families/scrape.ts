import { averageStats, sampleSize } from "../../../autoscaler/collect/sample-stats.ts";
import { Checks, number, type Replay } from "../family.ts";
import { readStat, writeStat } from "../stats.ts";

export const replay: Replay = (test) => {
  const checks = new Checks();
  const population = number(test.population);
  if (test.kind === "sample") {
    checks.check("want", test.want, sampleSize(population));
  } else if (test.kind === "average") {
    const stats = (test.stats as readonly Record<string, unknown>[]).map(readStat);
    const average = averageStats(stats, number(test.sample), population);
    checks.check("wantStat", test.wantStat, writeStat(average));
  } else {
    throw new Error(`unknown kind ${String(test.kind)}`);
  }
  return checks.differences;
};
