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
    },
  });
});
afterAll(() => running[Symbol.asyncDispose]());

const warningsOf = async (path: string, kind: string, object: unknown) => {
  const { body } = await running.post(
    path,
    reviewOf(kind, object, { name: (object as { metadata: { name: string } }).metadata.name }),
  );
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
