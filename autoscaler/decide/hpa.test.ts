import { expect, test } from "vitest";
import { resolveSettings, withDefaults } from "#core/annotations/settings.ts";
import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { horizontalPodAutoscaler, scaledBy } from "./hpa.ts";

const GROUP = "autoscaling.knative.dev";
const HPA = { [`${GROUP}/class`]: `hpa.${GROUP}` };

const source = {
  namespace: "default",
  name: "hello",
  labels: { app: "hello" },
  annotations: HPA,
  owner: {
    apiVersion: "v1",
    kind: "Service",
    name: "hello",
    uid: "1",
    controller: true,
    blockOwnerDeletion: true,
  },
  scaleTarget: { apiVersion: "apps/v1", kind: "Deployment", name: "hello" },
} as const;

const specOf = (annotations: Record<string, string>) => {
  const settings = resolveSettings({ ...HPA, ...annotations }, defaultConfig);
  return horizontalPodAutoscaler(source, settings).spec;
};

test("without settings: the workload, no minimum, no real maximum, no metric", () => {
  expect(horizontalPodAutoscaler(source, resolveSettings(HPA, defaultConfig))).toEqual({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      namespace: "default",
      name: "hello",
      labels: { app: "hello" },
      annotations: HPA,
      ownerReferences: [source.owner],
    },
    spec: { scaleTargetRef: source.scaleTarget, maxReplicas: 2_147_483_647 },
  });
});

test("bounds, and one window for both directions", () => {
  const spec = specOf({
    [`${GROUP}/min-scale`]: "2",
    [`${GROUP}/max-scale`]: "9",
    [`${GROUP}/window`]: "1m30s",
  });
  expect(spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 9,
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 90 },
      scaleDown: { stabilizationWindowSeconds: 90 },
    },
  });
});

test("a target in percent of cpu is the metric when none is named, rounded up", () => {
  expect(specOf({ [`${GROUP}/target`]: "70.1" }).metrics).toEqual([
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 71 } } },
  ]);
});

test.each([
  ["200", "200Mi"],
  ["1024", "1Gi"],
  ["0.5", "0"],
])("memory %s is %s", (target, averageValue) => {
  const metrics = specOf({ [`${GROUP}/metric`]: "memory", [`${GROUP}/target`]: target }).metrics;
  expect(metrics).toEqual([
    { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue } } },
  ]);
});

test.each([
  ["1500", "1500"],
  ["2000.9", "2k"],
])("any other metric is one of the pods: %s is %s", (target, averageValue) => {
  const metrics = specOf({ [`${GROUP}/metric`]: "jobs", [`${GROUP}/target`]: target }).metrics;
  expect(metrics).toEqual([
    { type: "Pods", pods: { metric: { name: "jobs" }, target: { type: "AverageValue", averageValue } } },
  ]);
});

test("who scales: the class of the annotation, else the config's, else we", () => {
  const hpaConfig = parseAutoscalerConfig({ "pod-autoscaler-class": `hpa.${GROUP}` });
  if (!hpaConfig.ok) throw new Error(hpaConfig.error);
  const by = (annotations: Record<string, string>, config = defaultConfig) =>
    scaledBy(resolveSettings(withDefaults(annotations, config), config));
  expect(by({})).toBe("kpa");
  expect(by({}, hpaConfig.config)).toBe("hpa");
  expect(by({ [`${GROUP}/class`]: `kpa.${GROUP}` }, hpaConfig.config)).toBe("kpa");
  expect(by({ [`${GROUP}/class`]: "keda.example.com" })).toBe("other");
});
