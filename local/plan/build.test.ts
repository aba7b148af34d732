import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deployment, documents, scaled, service } from "../../test/helpers/manifest-text.ts";
import { buildPlan } from "./build.ts";
import type { Plan } from "./plan.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pilotlight-plan-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const env = { PATH: process.env["PATH"] };
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const planned = (text: string): Plan => {
  const plan = buildPlan([write("all.yaml", text)], env);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems, null, 1));
  return plan.value;
};
test("an annotated Service starts at zero, whatever replicas says; any other at its replicas", () => {
  const plan = planned(
    documents(
      service("a", { annotations: scaled }),
      deployment("a", "command: [node]", "replicas: 3"),
      service("b"),
      deployment("b", "command: [node]", "replicas: 3"),
      deployment("c"),
      service("d", { annotations: 'autoscaling.knative.dev/min-scale: "2"' }),
      deployment("d"),
    ),
  );
  expect(plan.workloads.map(({ id, replicas, scaledBy }) => [id, replicas, scaledBy])).toEqual([
    ["default/a", 0, "default/a"],
    ["default/b", 3, undefined],
    ["default/c", 1, undefined],
    ["default/d", 2, "default/d"],
  ]);
  expect(plan.services.map(({ scaled }) => scaled)).toEqual([true, false, true]);
});

test("a pod is what its container says, from the manifest's own folder", () => {
  const { workloads } = planned(
    documents(
      service("a", {
        annotations: scaled,
        spec: "ports: [{ name: web, port: 80, targetPort: 8080 }, { name: admin-ui, port: 81 }]",
      }),
      service("other", { app: "a", spec: "ports: [{ port: 9, targetPort: 9090 }]" }),
      deployment(
        "a",
        `command: [node, "--x"]
          args: [$(PORT)]
          workingDir: .
          env: [{ name: A, value: b }]
          readinessProbe: { httpGet: { port: 81 }, initialDelaySeconds: 2, failureThreshold: 4 }`,
      ),
    ).replace(
      "    spec:\n      containers",
      "    spec:\n      terminationGracePeriodSeconds: 7\n      containers",
    ),
  );
  expect(workloads[0]!.pod).toEqual({
    command: ["node", "--x", "$(PORT)"],
    env: [{ name: "A", value: "b" }],
    cwd: folder,
    ports: [
      { target: 8080, variables: ["PORT", "PORT_WEB"] },
      { target: 81, variables: ["PORT_ADMIN_UI"] },
      { target: 9090, variables: ["PORT_9090"] },
    ],
    probe: { kind: "http", portIndex: 1, path: "/", headers: [], timeoutMs: 1000, periodMs: 10_000 },
    probesOn: true,
    initialDelayMs: 2000,
    failureThreshold: 4,
    graceMs: 7000,
  });
});

test("what does not run here is passed over by name", () => {
  const plan = planned(
    documents(
      service("a", { annotations: scaled }),
      deployment("a", "command: [node]\n        - name: logs\n          image: logs"),
      service("headless", { app: "a", spec: "clusterIP: None" }),
      "\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n",
      "\napiVersion: batch/v1\nkind: CronJob\nmetadata: { name: x, namespace: y }\n",
    ),
  );
  expect(plan.passedOver.map(({ document, object, why }) => `${document} ${object}: ${why}`)).toEqual([
    "4 ConfigMap default/x: of ConfigMaps only config-autoscaler means something here",
    "5 CronJob y/x: batch/v1 CronJob does not run here",
    "3 Service default/headless: a headless Service has no port of its own",
    "2 Deployment default/a: a pod is one process here, so these containers do not run: logs",
  ]);
});

test("of a folder its own manifests are read, and nothing below it", () => {
  write("a.yaml", deployment("a"));
  write("b.json", JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }));
  write("c.txt", "not a manifest");
  const plan = buildPlan([folder], env);
  expect(plan.ok && [plan.value.workloads.length, plan.value.passedOver.length]).toEqual([1, 1]);
});
