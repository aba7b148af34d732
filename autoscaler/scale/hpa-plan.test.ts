import { expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { rulesFor } from "#core/divergences.ts";
import type { Claim } from "#core/kube/claim.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import { planHpa, wantedHpa } from "./hpa-plan.ts";

const claim = (annotations: Record<string, string>, change: Partial<Claim> = {}): Claim =>
  ({
    id: "default/hello",
    annotated: true,
    refusal: undefined,
    service: { metadata: { name: "hello", namespace: "default", uid: "u" } },
    workload: { ref: { apiVersion: "apps/v1", kind: "Deployment", name: "hello" } },
    revision: { revision: { annotations } },
    ...change,
  }) as unknown as Claim;

const context = { config: defaultConfig, rules: rulesFor(false) };
const hpa = {
  "autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev",
  "autoscaling.knative.dev/metric": "cpu",
  "autoscaling.knative.dev/target": "70",
  "autoscaling.knative.dev/min-scale": "1",
  "autoscaling.knative.dev/max-scale": "5",
};

test("class hpa has an object that scales the same workload and goes with the Service", () => {
  expect(wantedHpa(claim(hpa), context)).toMatchObject({
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "hello", namespace: "default", ownerReferences: [{ kind: "Service", uid: "u" }] },
    spec: {
      scaleTargetRef: { kind: "Deployment", name: "hello" },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { averageUtilization: 70 } } }],
    },
  });
});

test.each([
  ["another class", claim({ ...hpa, "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev" })],
  ["no annotations any more", claim(hpa, { annotated: false })],
  ["a refusal", claim(hpa, { refusal: { reason: "X", message: "", remedy: "", final: true } })],
  ["no workload", claim(hpa, { workload: undefined })],
])("%s: none", (_, without) => {
  expect(wantedHpa(without, context)).toBeUndefined();
});

test("it is made, changed when the settings are others, and deleted; never written without need", () => {
  const wanted = wantedHpa(claim(hpa), context)!;
  expect(planHpa(undefined, wanted)).toMatchObject({ verb: "create", namespace: "default" });
  const stored: KubeObject = {
    ...wanted,
    metadata: { ...wanted.metadata, uid: "x", resourceVersion: "7" },
  };
  expect(planHpa(stored, wanted)).toBeUndefined();
  const other = wantedHpa(claim({ ...hpa, "autoscaling.knative.dev/max-scale": "6" }), context);
  expect(planHpa(stored, other)).toMatchObject({
    verb: "replace",
    key: "default/hello",
    body: { metadata: { resourceVersion: "7" } },
  });
  expect(planHpa(stored, undefined)).toEqual({
    verb: "delete",
    resource: "horizontalPodAutoscalers",
    key: "default/hello",
    uid: "x",
  });
  expect(planHpa(undefined, undefined)).toBeUndefined();
});
