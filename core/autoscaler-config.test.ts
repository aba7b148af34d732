import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultConfig, parseAutoscalerConfig } from "./autoscaler-config.ts";
import { SECOND } from "./clock.ts";
import { knativeRules } from "./divergences.ts";

/** `knative.md` 2.1. */
test("without data: the defaults", () => {
  expect(parseAutoscalerConfig({})).toEqual({ ok: true, config: defaultConfig });
  expect(defaultConfig).toMatchObject({
    enableScaleToZero: true,
    containerConcurrencyTargetFraction: 0.7,
    targetBurstCapacity: 211,
    stableWindow: 60 * SECOND,
    scaleToZeroGracePeriod: 30 * SECOND,
    scaleDownDelay: 0,
    podAutoscalerClass: "kpa.autoscaling.knative.dev",
  });
});

test.each<[Record<string, string>, object]>([
  [{ "container-concurrency-target-percentage": "1" }, { containerConcurrencyTargetFraction: 1 }],
  [{ "container-concurrency-target-percentage": "0.5" }, { containerConcurrencyTargetFraction: 0.5 }],
  [{ "container-concurrency-target-percentage": "50" }, { containerConcurrencyTargetFraction: 0.5 }],
  [{ "pod-autoscaler-class": "\u0085 x\t" }, { podAutoscalerClass: "x" }],
  [{ "panic-threshold-percentage": "-3" }, { panicThresholdPercentage: -3 }],
  [{ "scale-down-delay": "2h" }, { scaleDownDelay: 7200 * SECOND }],
  [{ "tick-interval": "1s", _example: "nonsense" }, {}],
  [
    { "initial-scale": "0", "allow-zero-initial-scale": "T" },
    { initialScale: 0, allowZeroInitialScale: true },
  ],
])("%j", (data, fields) => {
  expect(parseAutoscalerConfig(data)).toEqual({ ok: true, config: { ...defaultConfig, ...fields } });
});

describe("errors", () => {
  test.each<[Record<string, string>, string]>([
    [
      { "max-scale": "x", "stable-window": "y" },
      'failed to parse data: failed to parse "max-scale": strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      { "stable-window": "60" },
      'failed to parse data: failed to parse "stable-window": time: missing unit in duration "60"',
    ],
    [{ "max-scale-up-rate": "1", "stable-window": "1s" }, "max-scale-up-rate = 1, must be greater than 1.0"],
    [{ "stable-window": "1h1s" }, "stable-window = 1h0m1s, must be in [6s; 1h0m0s] range"],
    [
      { "stable-window": "90500ms" },
      "stable-window = 1m30.5s, must be specified with at most second precision",
    ],
    [
      { "target-burst-capacity": "-0.5" },
      "target-burst-capacity must be either non-negative or -1 (for unlimited), was: -0.500000",
    ],
    [
      { "container-concurrency-target-percentage": "101" },
      "container-concurrency-target-percentage = 1.010000 is outside of valid range of (0, 100]",
    ],
    [
      { "container-concurrency-target-default": "0.01" },
      "container-concurrency-target-percentage and container-concurrency-target-default yield target concurrency of 0.006999999999999999, can't be less than 0.01",
    ],
    [{ "scale-to-zero-grace-period": "0s" }, "scale-to-zero-grace-period must be positive, was: 0s"],
    [
      { "scale-to-zero-pod-retention-period": "-1ns" },
      "scale-to-zero-pod-retention-period cannot be negative, was: -1ns",
    ],
    [{ "max-scale-limit": "5" }, "max-scale = 0, must be in [1, max-scale-limit(5)] range"],
    [{ "max-scale": "-1" }, "max-scale = -1, must be in [0, max-scale-limit(0)] range"],
    [{ "min-scale": "3", "max-scale": "2" }, "min-scale (3) must be less than max-scale (2)"],
    [
      { "initial-scale": "0" },
      "initial-scale = 0, must be at least 0 (or at least 1 when allow-zero-initial-scale is false)",
    ],
    [{ "panic-window-percentage": "1_000" }, "panic-window-percentage = 1000, must be in [1, 100] interval"],
    [{ "activator-capacity": "0.99" }, "activator-capacity = 0.99, must be at least 1"],
  ])("%j", (data, error) => {
    expect(parseAutoscalerConfig(data)).toEqual({ ok: false, error });
  });

  test("NaN is refused, where Knative lets it through", () => {
    const data = { "activator-capacity": "NaN" };
    expect(parseAutoscalerConfig(data)).toEqual({
      ok: false,
      error: 'failed to parse data: failed to parse "activator-capacity": parsing "NaN": not a number',
    });
    expect(parseAutoscalerConfig(data, knativeRules)).toMatchObject({
      ok: true,
      config: { activatorCapacity: NaN },
    });
  });
});

test("whatever the data: a config that keeps its own rules, or one error, and never a throw", () => {
  const key = fc.constantFrom(
    "stable-window",
    "scale-down-delay",
    "max-scale",
    "min-scale",
    "max-scale-limit",
    "initial-scale",
    "target-burst-capacity",
    "container-concurrency-target-percentage",
    "__proto__",
    "constructor",
  );
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.stringMatching(/^-?[0-9]{1,4}(s|ms|m|h)$/),
  );
  fc.assert(
    fc.property(fc.dictionary(key, value), (data) => {
      const result = parseAutoscalerConfig(data);
      if (!result.ok) {
        expect(result.error).not.toBe("");
        return;
      }
      const { config } = result;
      expect(config.stableWindow % SECOND).toBe(0);
      expect(config.scaleDownDelay).toBeGreaterThanOrEqual(0);
      expect(config.maxScale === 0 || config.minScale <= config.maxScale).toBe(true);
      expect(config.containerConcurrencyTargetFraction).toBeLessThanOrEqual(1);
    }),
  );
});
