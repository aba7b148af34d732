/** Checks manifests as the webhook would, with an exit code for pipelines: `pilotlight validate`. */
import { EXIT_BAD_INPUT } from "#core/env.ts";
import { command, UsageError } from "../command.ts";
import { examine } from "../validate/examine.ts";
import { humanText, jsonText, sarifText } from "../validate/print.ts";

export const validate = command({
  summary: "check manifests as the webhook would, without a cluster",
  usage: "-f FILE_OR_DIR … [--json | --sarif] [--fail-on-warnings] [--strict-knative]",
  options: {
    filename: {
      type: "string",
      short: "f",
      multiple: true,
      value: "FILE_OR_DIR",
      help: "a manifest, or a folder of them; may be given several times",
    },
    json: { type: "boolean", help: "one JSON object with all findings" },
    sarif: { type: "boolean", help: "SARIF 2.1.0, for code hosts" },
    "fail-on-warnings": { type: "boolean", help: "exit with 1 for warnings as well" },
    "strict-knative": { type: "boolean", help: "check exactly as Knative does, its accidents included" },
  },
  details: `
Looks at annotated Services, at the ConfigMap config-autoscaler, which also is what the Services are judged by,
and at HorizontalPodAutoscalers on the same workloads; other objects are passed over. Exit code: 0 when all is
well, 1 when something would be refused, ${EXIT_BAD_INPUT} for arguments and files that cannot be read.`,
  run: (values, operands) => {
    const named = [...(values.filename ?? []), ...operands];
    if (named.length === 0) throw new UsageError("which manifests? -f FILE_OR_DIR");
    if (values.json === true && values.sarif === true) throw new UsageError("--json or --sarif, not both");
    const examined = examine(named, values["strict-knative"] ?? false);
    const print = values.json === true ? jsonText : values.sarif === true ? sarifText : humanText;
    process.stdout.write(print(examined));
    if (examined.unreadable) return Promise.resolve(EXIT_BAD_INPUT);
    const { findings } = examined;
    const bad = values["fail-on-warnings"] === true || findings.some(({ severity }) => severity === "error");
    return Promise.resolve(bad && findings.length > 0 ? 1 : 0);
  },
});
