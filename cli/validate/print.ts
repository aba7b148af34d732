/** Findings as text for people, as JSON, and as SARIF. */
import type { Examined, PlacedFinding } from "./examine.ts";

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

const countOf = (findings: readonly PlacedFinding[], severity: PlacedFinding["severity"]): number =>
  findings.filter((finding) => finding.severity === severity).length;

/** One finding per line, `file:line: severity: object: message`, and a line that sums up. */
export const humanText = ({ findings, objects }: Examined): string => {
  const lines = findings.map((finding) => {
    const { severity, file, line, message } = finding;
    const place = line > 0 ? `${file}:${line}` : file;
    const subject = subjectOf(finding);
    return `${place}: ${severity}: ${subject}${message.replaceAll("\n", "\n    ")}`;
  });
  const sum = `${count(objects, "object")}, ${count(countOf(findings, "error"), "error")}, ${count(countOf(findings, "warning"), "warning")}`;
  return [...lines, sum, ""].join("\n");
};

/** Object and field; Knative's own texts name the field themselves. */
const subjectOf = ({ object, field, rule }: PlacedFinding): string => {
  const named = rule === "annotations" || rule === "config-autoscaler" || field === "";
  return [object, named ? "" : field]
    .filter((part) => part !== "")
    .join(": ")
    .concat(": ")
    .replace(/^: $/, "");
};

/** One JSON object: counts, and the findings as they are. */
export const jsonText = ({ findings, objects }: Examined): string => {
  const counts = { objects, errors: countOf(findings, "error"), warnings: countOf(findings, "warning") };
  return `${JSON.stringify({ ...counts, findings }, null, 2)}\n`;
};

const RULES: Readonly<Record<PlacedFinding["rule"], string>> = {
  file: "The file can be read as YAML or JSON.",
  object: "The object is one that Kubernetes would take.",
  annotations: "Every annotation has a value that Knative and Pilotlight take.",
  "config-autoscaler": "The ConfigMap config-autoscaler can be used.",
  surprise: "No setting is legal but without effect, or with another effect than it seems.",
  "two-scalers": "Only one of Pilotlight and HorizontalPodAutoscalers scales a workload.",
};

/** SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code hosts show it beside the lines. */
export const sarifText = ({ findings }: Examined): string => {
  const rules = Object.entries(RULES).map(([id, text]) => ({ id, shortDescription: { text } }));
  const results = findings.map((finding) => {
    const { severity, rule, file, line, message } = finding;
    return {
      ruleId: rule,
      ruleIndex: Object.keys(RULES).indexOf(rule),
      level: severity,
      message: { text: subjectOf(finding) + message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(file) },
            ...(line > 0 && { region: { startLine: line } }),
          },
        },
      ],
    };
  });
  const driver = { name: "pilotlight validate", rules };
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};
