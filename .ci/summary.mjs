// Adds up vitest's JSON reports: `node summary.mjs FAILED_STEPS REPORT...`. A step that failed without a
// failing test (a lint error, a suite that did not start) counts as one failure, so that the sum tells.
import { readFileSync } from "node:fs";

const [steps, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of reports) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  for (const suite of report.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === "failed")
        console.log(`FAILED ${suite.name}: ${test.fullName}\n${test.failureMessages.join("\n")}`);
    }
    if (suite.status === "failed" && suite.assertionResults.length === 0)
      console.log(`FAILED ${suite.name}: ${suite.message}`);
  }
}
if (failed === 0 && Number(steps) > 0) failed = Number(steps);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
