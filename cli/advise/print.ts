/** Advice for people: what was found, what it costs, the line that changes it. */
import type { Advice, AdviceSubject } from "#core/advice/subject.ts";

/** Text of all advice about one Service; says so when there is none. */
export const adviceText = (key: string, subject: AdviceSubject, advice: readonly Advice[]): string => {
  const { starts, workload } = subject;
  const recorded =
    starts === undefined
      ? "no cold start recorded yet"
      : `${starts.count} cold starts recorded, ${Math.round(starts.averageMs)} ms on average`;
  const head = `${key} (${workload}): ${recorded}`;
  if (advice.length === 0) return `${head}\nNothing found that makes it slow to wake.\n`;
  return `${[head, ...advice.map(entry)].join("\n\n")}\n`;
};

const entry = ({ code, finding, costMs, yaml }: Advice): string =>
  `${code}${costMs === undefined ? "" : ` (${cost(costMs)} each cold start)`}\n  ${finding}\n  ${yaml}`;

const cost = ([least, most]: readonly [number, number]): string =>
  least === most ? `about ${least} ms` : `about ${least} to ${most} ms`;
