// Adds up vitest's JSON reports: `node summary.mjs FAILED_STEPS REPORT...`. A step that failed without a
// failing test (a lint error, a suite that did not start) counts as one failure, so that the sum tells.
import { readFileSync } from "node:fs";

const [steps, ...files] = process.argv.slice(2);
const reports = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
const suites = reports.flatMap(({ testResults }) => testResults);

for (const { name, message, assertionResults: tests, status } of suites) {
  if (status === "failed" && tests.length === 0) console.log(`FAILED ${name}: ${message}`);
  for (const { fullName, failureMessages } of tests.filter((test) => test.status === "failed")) {
    console.log(`FAILED ${name}: ${fullName}\n${failureMessages.join("\n")}`);
  }
}

const sum = (field) => reports.reduce((total, report) => total + report[field], 0);
const passed = sum("numPassedTests");
const failed = Math.max(sum("numFailedTests"), Number(steps));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
