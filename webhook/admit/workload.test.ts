import { afterAll, beforeAll, expect, test } from "vitest";
import { nothingKnown, reviewOf, type RunningWebhook, startWebhook } from "../../test/helpers/webhook.ts";
import { paths } from "../build.ts";

const web = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const WARNING =
  "Deployment web has two that want to scale it: Pilotlight through Service shop, and HorizontalPodAutoscaler cpu. Pilotlight leaves it alone; delete one of the two";

let running: RunningWebhook;
beforeAll(async () => {
  running = await startWebhook({
    workloads: {
      ...nothingKnown,
      scaledThrough: (namespace, { name }) =>
        namespace === "default" && name === "web" ? "shop" : undefined,
      autoscalersBehind: ({ selector }) =>
        selector["app"] === "web" ? [{ autoscaler: "cpu", workload: web }] : [],
      startTime: () => 30_000,
      slowStart: ({ selector }) =>
        selector["app"] === "slow"
          ? [{ workload: web, advice: { code: "x", finding: "it sleeps", yaml: "" } }]
          : [],
    },
  });
});
afterAll(() => running[Symbol.asyncDispose]());

const warningsOf = async (path: string, kind: string, object: unknown, oldObject: unknown = null) => {
  const { name } = (object as { metadata: { name: string } }).metadata;
  const operation = oldObject === null ? "CREATE" : "UPDATE";
  const { body } = await running.post(path, reviewOf(kind, object, { name, oldObject, operation }));
  const { allowed, warnings } = body["response"] as { allowed: boolean; warnings?: string[] };
  expect(allowed).toBe(true);
  return warnings ?? [];
};

test.each([
  [web, [WARNING]],
  [{ ...web, name: "db" }, []],
  [undefined, []],
])("an HPA on %j", async (scaleTargetRef, expected) => {
  const hpa = { metadata: { name: "cpu" }, spec: { scaleTargetRef } };
  expect(await warningsOf(paths.workload, "HorizontalPodAutoscaler", hpa)).toEqual(expected);
});

test("a Service on a workload with an HPA, and with a window shorter than the start", async () => {
  const annotations = { "autoscaling.knative.dev/window": "10s" };
  const service = {
    metadata: { name: "shop", annotations },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  };
  expect(await warningsOf(paths.validateService, "Service", service)).toEqual([
    expect.stringContaining("10s is shorter than a pod takes to become ready (at least 30s)"),
    WARNING,
  ]);
});

test("a Service that is not switched on is nobody's business", async () => {
  const service = { metadata: { name: "shop" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } };
  expect(await warningsOf(paths.validateService, "Service", service)).toEqual([]);
});

test("what slows the pods' start is told when scaling is switched on, and not again", async () => {
  const spec = { selector: { app: "slow" }, ports: [{ port: 80 }] };
  const off = { metadata: { name: "shop" }, spec };
  const on = { metadata: { name: "shop", annotations: { "autoscaling.knative.dev/min-scale": "0" } }, spec };
  const told = ["Deployment web is slow to wake: it sleeps"];
  expect(await warningsOf(paths.validateService, "Service", on)).toEqual(told);
  expect(await warningsOf(paths.validateService, "Service", on, off)).toEqual(told);
  expect(await warningsOf(paths.validateService, "Service", on, on)).toEqual([]);
  expect(await warningsOf(paths.validateService, "Service", off)).toEqual([]);
});
