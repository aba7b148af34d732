import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultConfig, type AutoscalerConfig } from "../autoscaler-config.ts";
import { knativeRules, pilotlightRules } from "../divergences.ts";
import { formatFieldErrors, underField } from "./field-error.ts";
import { GROUP, keys } from "./keys.ts";
import { misplacedAnnotations, validateAnnotations } from "./validate.ts";

const inGroup = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${GROUP}/${key}`, value]));

const errorOf = (
  annotations: Record<string, string>,
  over: Partial<AutoscalerConfig> = {},
  rules = pilotlightRules,
) =>
  formatFieldErrors(
    validateAnnotations(inGroup(annotations), { ...defaultConfig, ...over }, rules),
  ).replaceAll(`${GROUP}/`, "@");

/** `knative.md` 1.3 and appendix A.6; `@` stands for the group and its slash. */
describe("one annotation", () => {
  test.each<[Record<string, string>, string]>([
    [{ "min-scale": "-1" }, "expected 0 <= -1 <= 2147483647: @min-scale"],
    [{ minScale: "foo" }, "invalid value: foo: @minScale"],
    [{ "panic-window-percentage": "0.5" }, "expected 1 <= 0.5 <= 100: @panic-window-percentage"],
    [{ "panic-threshold-percentage": "109.9" }, "expected 110 <= 109.9 <= 1000: @panic-threshold-percentage"],
    [{ target: "0" }, "target 0 should be at least 0.01: @target"],
    [{ target: "1e400" }, "invalid value: 1e400: @target"],
    [{ "target-burst-capacity": "-2" }, "invalid value: -2: @target-burst-capacity"],
    [{ window: "365h" }, "expected 6s <= 365h <= 1h0m0s: @window"],
    [{ window: "9s82ms" }, "must be specified with at most second precision: @window"],
    [{ "scale-down-delay": "-15s" }, "expected 0s <= -15s <= 1h0m0s: @scale-down-delay"],
    [
      { "scale-to-zero-pod-retention-period": "60" },
      "invalid value: 60: @scale-to-zero-pod-retention-period",
    ],
    [{ "initial-scale": "-1" }, "invalid value: -1: @initial-scale must be greater than 0"],
    [{ "initial-scale": "0" }, "invalid value: 0: @initial-scale=0 not allowed by cluster"],
    [{ class: "asdf.autoscaling.knative.dev" }, "invalid value: asdf.autoscaling.knative.dev: @class"],
    [{ metric: "memory" }, "invalid value: memory: @metric"],
    [{ "activation-scale": "1" }, "activation-scale=1 must be greater than 1: @activation-scale"],
  ])("%j", (annotations, error) => {
    expect(errorOf(annotations)).toBe(error);
  });

  test.each([
    { class: "foo" },
    { class: "hpa.autoscaling.knative.dev", metric: "anything" },
    { target: "0x1p4", window: "1m", "target-burst-capacity": "-1", "initial-scale": "+3" },
    { "scale-to-zero-pod-retention-period": "1.5s" },
    { "no-such-key": "passes" },
    { "max-scale": "0" },
  ])("%j passes", (annotations) => {
    expect(errorOf(annotations)).toBe("");
  });
});

describe("several together", () => {
  test("max below min names both", () => {
    expect(errorOf({ "min-scale": "5", "max-scale": "2" })).toBe(
      "max-scale=2 is less than min-scale=5: @max-scale, @min-scale",
    );
  });

  test("the limit of the config", () => {
    const limit = { maxScaleLimit: 10 };
    expect(errorOf({ "max-scale": "11" }, limit)).toBe("expected 1 <= 11 <= 10: @max-scale");
    expect(errorOf({ maxScale: "x" }, limit)).toBe(
      "invalid value: x: @maxScale\nmax-scale=0 (unlimited), must be less than 10: @maxScale",
    );
    expect(errorOf({}, limit)).toBe("");
  });

  test("activation scale tells only its first broken rule", () => {
    expect(errorOf({ "activation-scale": "1", "min-scale": "5" })).toBe(
      "min-scale=5 is greater than activation-scale=1: @activation-scale",
    );
    expect(errorOf({ "activation-scale": "9", "max-scale": "3" })).toBe(
      "max-scale=3 is less than activation-scale=9: @activation-scale",
    );
  });

  test("the spelling with dashes wins, even when it is broken", () => {
    expect(errorOf({ "min-scale": "x", minScale: "1" })).toBe("invalid value: x: @min-scale");
  });

  test("equal messages merge, messages and paths are sorted", () => {
    expect(
      errorOf({ window: "60", "scale-down-delay": "60", target: "-1", "panic-window-percentage": "x" }),
    ).toBe(
      "invalid value: 60: @scale-down-delay, @window\ninvalid value: x: @panic-window-percentage\ntarget -1 should be at least 0.01: @target",
    );
  });

  test("under the field they stand in", () => {
    const errors = underField(
      "metadata.annotations",
      validateAnnotations(inGroup({ target: "0" }), defaultConfig),
    );
    expect(formatFieldErrors(errors)).toBe(
      "target 0 should be at least 0.01: metadata.annotations.autoscaling.knative.dev/target",
    );
  });
});

describe("divergences", () => {
  test("NaN", () => {
    expect(errorOf({ target: "nan" })).toBe("invalid value: nan: @target");
    expect(errorOf({ target: "nan" }, {}, knativeRules)).toBe("");
  });

  test("the aggregation algorithm without a class", () => {
    const garbage = { "metric-aggregation-algorithm": "mean" };
    expect(errorOf(garbage)).toBe("invalid value: mean: @metric-aggregation-algorithm");
    expect(errorOf(garbage, {}, knativeRules)).toBe("");
    expect(errorOf({ class: `kpa.${GROUP}`, ...garbage }, {}, knativeRules)).toBe(errorOf(garbage));
    expect(errorOf(garbage, { podAutoscalerClass: "other" })).toBe("");
  });
});

test("where the group is not allowed every key of it is named, the details on a line of their own", () => {
  const errors = underField(
    "metadata.annotations",
    misplacedAnnotations({ [`${GROUP}/x`]: "1", [`${GROUP}x`]: "2", other: "3" }),
  );
  const details = 'autoscaling annotations must be put under "spec.template.metadata.annotations" to work';
  expect(formatFieldErrors(errors)).toBe(
    `invalid key name "${GROUP}/x": metadata.annotations\n${details}\ninvalid key name "${GROUP}x": metadata.annotations\n${details}`,
  );
});

test("no text makes it throw, and errors name keys of the group and nothing else", () => {
  const known: readonly string[] = Object.values(keys).flat();
  const annotations = fc.dictionary(
    fc.constantFrom(...known),
    fc.oneof(fc.string(), fc.integer().map(String)),
  );
  fc.assert(
    fc.property(annotations, (given) => {
      for (const { paths } of validateAnnotations(given, defaultConfig)) {
        expect(
          paths.map((path) => path.replace(/[ =].*$/, "")).filter((path) => !known.includes(path)),
        ).toEqual([]);
      }
    }),
  );
});
