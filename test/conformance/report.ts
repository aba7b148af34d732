import type { FamilyResult } from "./run.ts";

const SHOWN = 3;

/** One line for a family, then the exceptions by name and the first differences in full. */
export const reportLines = (result: FamilyResult): string[] => {
  const { family, passed, failures } = result;
  const shown = failures
    .slice(0, SHOWN)
    .flatMap(({ test, differences }) => [
      `  ${test.id}${test.tag === undefined ? "" : ` (${test.tag})`}`,
      ...differences
        .slice(0, SHOWN)
        .flatMap(({ at, want, got }) => [
          `    at ${at}`,
          `      want ${JSON.stringify(want)}`,
          `      got  ${JSON.stringify(got)}`,
        ]),
      `    case ${JSON.stringify(test)}`,
    ]);
  return [`${family}: ${passed} passed, ${failures.length} failed`, ...exceptedLines(result), ...shown];
};

/** A line of its own for each divergence that was met, so that the family's line has one form. */
const exceptedLines = ({ excepted }: FamilyResult): string[] =>
  [...excepted].map(([name, count]) => `  ${count} excepted: ${name}`);
