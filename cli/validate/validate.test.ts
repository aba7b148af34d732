import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { validate as command } from "../commands/validate.ts";
import type { PlacedFinding } from "./examine.ts";

const BAD = `apiVersion: v1
kind: ConfigMap
metadata: {name: config-autoscaler}
data: {max-scale-limit: "3", max-scale: "2"}
---
apiVersion: v1
kind: Service
metadata:
  name: hello
  annotations:
    autoscaling.knative.dev/min-scale: "-1"
    autoscaling.knative.dev/max-scale: "5"
    autoscaling.knative.dev/window: 6s
    autoscaling.knative.dev/targt: "3"
    pilotlight.dev/queue-depth: "0"
spec:
  selector: {app: hello}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata:
  name: unquoted
  annotations: {autoscaling.knative.dev/min-scale: 0}
spec: {selector: {app: hello}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec: {containers: [{name: c, readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 20}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cpu}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: hello}, maxReplicas: 3}
---
apiVersion: v1
kind: Service
metadata: {name: plain}
spec: {clusterIP: None, ports: [{port: 80}]}
`;

const GOOD = `apiVersion: v1
kind: Service
metadata: {name: hello, annotations: {autoscaling.knative.dev/min-scale: "0"}}
spec: {selector: {app: hello}, ports: [{port: 80}]}
`;

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-validate-"));
  writeFileSync(file("bad.yaml"), BAD);
  writeFileSync(file("good.yaml"), GOOD);
  writeFileSync(file("warn.yaml"), GOOD.replace("min-scale", "min-scal"));
  writeFileSync(file("nan.yaml"), GOOD.replace('min-scale: "0"', 'target: "NaN"'));
  writeFileSync(file("broken.yaml"), "apiVersion: [\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command in this process; what it printed and how it ended. */
const validate = async (...args: string[]) => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const status = await command.invoke(args);
    return { status, stdout: write.mock.calls.map(([text]) => String(text)).join("") };
  } finally {
    write.mockRestore();
  }
};

test("every finding with file and line, in order", async () => {
  const { status, stdout } = await validate("-f", file("bad.yaml"));
  expect(status).toBe(1);
  const lines = stdout.trimEnd().replaceAll(`${folder}/`, "").split("\n");
  expect(lines).toEqual([
    expect.stringMatching(
      /^bad\.yaml:9: warning: Service default\/hello: metadata\.name: Deployment hello has two/,
    ),
    "bad.yaml:11: error: Service default/hello: expected 0 <= -1 <= 2147483647: metadata.annotations.autoscaling.knative.dev/min-scale",
    "bad.yaml:12: error: Service default/hello: expected 1 <= 5 <= 3: metadata.annotations.autoscaling.knative.dev/max-scale",
    expect.stringMatching(
      /^bad\.yaml:13: warning: .*window.*: 6s is shorter than a pod takes to become ready \(at least 20s\)/,
    ),
    expect.stringMatching(/^bad\.yaml:14: warning: .*did you mean autoscaling\.knative\.dev\/target\?$/),
    "bad.yaml:15: error: Service default/hello: expected 1 <= 0 <= 1000000: metadata.annotations.pilotlight.dev/queue-depth",
    expect.stringMatching(
      /^bad\.yaml:24: error: Service default\/unquoted: metadata\.annotations.*must be in quotes here$/,
    ),
    "6 objects, 4 errors, 3 warnings",
  ]);
});

describe("the exit code", () => {
  test.each([
    [0, ["-f", "good.yaml"]],
    [0, ["warn.yaml"]],
    [1, ["warn.yaml", "--fail-on-warnings"]],
    [1, ["-f", "good.yaml", "-f", "bad.yaml"]],
    [1, ["broken.yaml"]],
    [1, ["nan.yaml"]],
    [0, ["nan.yaml", "--strict-knative"]],
    [64, ["missing.yaml"]],
  ])("%i for %j", async (status, args) => {
    const named = args.map((arg) => (arg.endsWith(".yaml") ? file(arg) : arg));
    expect((await validate(...named)).status).toBe(status);
  });

  test("64 for arguments that cannot be, from the command line itself", () => {
    for (const args of [[], ["x.yaml", "--json", "--sarif"]]) {
      const { status, stderr } = spawnSync(process.execPath, ["cli/main.ts", "validate", ...args], {
        encoding: "utf8",
      });
      expect(status).toBe(64);
      expect(stderr).toMatch(/^pilotlight: .*\nTry: pilotlight validate --help/);
    }
  });
});

test("--json is one object with the same findings", async () => {
  const { stdout } = await validate("--json", file("bad.yaml"));
  const said = JSON.parse(stdout) as { errors: number; findings: PlacedFinding[] };
  expect(said).toMatchObject({ objects: 6, errors: 4, warnings: 3 });
  expect(said.findings).toContainEqual({
    severity: "error",
    rule: "annotations",
    object: "Service default/hello",
    file: file("bad.yaml"),
    line: 11,
    field: 'metadata.annotations["autoscaling.knative.dev/min-scale"]',
    message: "expected 0 <= -1 <= 2147483647: metadata.annotations.autoscaling.knative.dev/min-scale",
  });
});

test("--sarif names a rule, a level, a file and a line for each", async () => {
  const { stdout } = await validate("--sarif", file("bad.yaml"), file("broken.yaml"));
  const log = JSON.parse(stdout) as {
    version: string;
    runs: [
      {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; level: string; locations: unknown[] }[];
      },
    ];
  };
  expect(log.version).toBe("2.1.0");
  const [{ tool, results }] = log.runs;
  expect(results).toHaveLength(8);
  for (const { ruleId, ruleIndex, level } of results) {
    expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(["error", "warning"]).toContain(level);
  }
  expect(results[1]?.locations).toEqual([
    { physicalLocation: { artifactLocation: { uri: file("bad.yaml") }, region: { startLine: 11 } } },
  ]);
});
