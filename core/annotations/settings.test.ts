import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultConfig } from "../autoscaler-config.ts";
import { SECOND } from "../clock.ts";
import { knativeRules } from "../divergences.ts";
import { GROUP, keys } from "./keys.ts";
import { resolveSettings, withDefaults } from "./settings.ts";

const inGroup = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${GROUP}/${key}`, value]));
const settingsOf = (annotations: Record<string, string>, reachable = true) =>
  resolveSettings(
    inGroup(annotations),
    { ...defaultConfig, minScale: 1, scaleToZeroPodRetentionPeriod: 7 },
    { reachable },
  );

test("without annotations the config counts", () => {
  expect(settingsOf({})).toMatchObject({
    class: `kpa.${GROUP}`,
    metric: "concurrency",
    bounds: { min: 1, max: 0 },
    initialScale: 1,
    activationScale: 0,
    stableWindow: 60 * SECOND,
    panicWindow: 6 * SECOND,
    algorithm: "",
    panicThreshold: 2,
    targetBurstCapacity: 211,
    scaleDownDelay: 0,
    podRetention: 7,
  });
});

test("annotations count before it", () => {
  const annotations = {
    metric: "rps",
    "min-scale": "2",
    maxScale: "9",
    "initial-scale": "4",
    "activation-scale": "3",
    window: "2m",
    "panic-window-percentage": "25",
    "panic-threshold-percentage": "150",
    "target-burst-capacity": "-1",
    "scale-down-delay": "5m",
    "scale-to-zero-pod-retention-period": "1m",
    "metric-aggregation-algorithm": "weightedExponential",
  };
  expect(settingsOf(annotations)).toMatchObject({
    metric: "rps",
    bounds: { min: 2, max: 9 },
    initialScale: 4,
    activationScale: 3,
    stableWindow: 120 * SECOND,
    panicWindow: 30 * SECOND,
    algorithm: "weighted-exponential",
    panicThreshold: 1.5,
    targetBurstCapacity: -1,
    scaleDownDelay: 300 * SECOND,
    podRetention: 60 * SECOND,
  });
});

test("what cannot be read counts as absent; NaN too, but not for Knative", () => {
  expect(settingsOf({ "min-scale": "1.5", window: "60", "target-burst-capacity": "NaN" })).toMatchObject({
    bounds: { min: 1 },
    stableWindow: 60 * SECOND,
    targetBurstCapacity: 211,
  });
  const annotations = inGroup({ "target-burst-capacity": "NaN" });
  expect(resolveSettings(annotations, defaultConfig, { rules: knativeRules }).targetBurstCapacity).toBeNaN();
});

test("where no traffic can arrive: no minimum, no retention; the maximum stays", () => {
  const annotations = { "min-scale": "2", "max-scale": "9", "scale-to-zero-pod-retention-period": "1m" };
  expect(settingsOf(annotations, false)).toMatchObject({ bounds: { min: 0, max: 9 }, podRetention: 0 });
});

test("an initial scale of 0 needs the cluster's leave", () => {
  const zero = inGroup({ "initial-scale": "0" });
  expect(resolveSettings(zero, { ...defaultConfig, initialScale: 3 }).initialScale).toBe(3);
  expect(resolveSettings(zero, { ...defaultConfig, allowZeroInitialScale: true }).initialScale).toBe(0);
});

/** `knative.md` 3.2. */
test.each([
  ["60s", "10", 6],
  ["6s", "10", 1],
  ["25s", "10", 3],
  ["15s", "10", 2],
  ["45s", "10", 5],
  ["60s", "1", 1],
  ["1h", "100", 3600],
])("panic window of %s at %s %%", (window, percentage, seconds) => {
  expect(settingsOf({ window, "panic-window-percentage": percentage }).panicWindow).toBe(seconds * SECOND);
});

describe("defaults at admission", () => {
  const hpa = { ...defaultConfig, podAutoscalerClass: `hpa.${GROUP}` };

  test.each<[Record<string, string>, typeof hpa, Record<string, string>]>([
    [{}, defaultConfig, { class: `kpa.${GROUP}`, metric: "concurrency" }],
    [{}, hpa, { class: `hpa.${GROUP}`, metric: "cpu" }],
    [{ class: "x.example.com" }, hpa, { class: "x.example.com" }],
    [{ metric: "rps" }, defaultConfig, { class: `kpa.${GROUP}`, metric: "rps" }],
    [{ class: "" }, defaultConfig, { class: "" }],
  ])("%j", (annotations, config, want) => {
    expect(withDefaults(inGroup(annotations), config)).toEqual(inGroup(want));
  });

  test("defaulting twice is defaulting once", () => {
    const annotations = fc.dictionary(fc.constantFrom(...Object.values(keys).flat()), fc.string());
    fc.assert(
      fc.property(annotations, (given) => {
        const once = withDefaults(given, defaultConfig);
        expect(withDefaults(once, defaultConfig)).toEqual(once);
        expect(once).toMatchObject(given);
      }),
    );
  });
});
