import type { FamilyResult } from "./run.ts";

const SHOWN = 3;

/** One line for a family, then the first differences in full. */
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
  return [`${family}: ${passed} passed, ${failures.length} failed${exceptedText(result)}`, ...shown];
};

const exceptedText = ({ excepted }: FamilyResult): string =>
  excepted.size === 0
    ? ""
    : ` (${[...excepted].map(([name, count]) => `${count} excepted: ${name}`).join(", ")})`;
