import { expect, test } from "vitest";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig, type AutoscalerConfig } from "#core/autoscaler-config.ts";
import { resolveTarget } from "./resolve-target.ts";

const GROUP = "autoscaling.knative.dev";

const targetOf = (annotations: Record<string, string>, config: AutoscalerConfig, limit: number) => {
  const named = Object.entries(annotations).map(([key, value]) => [`${GROUP}/${key}`, value]);
  return resolveTarget(resolveSettings(Object.fromEntries(named), config), config, limit);
};

test.each<[string, Record<string, string>, number, [target: number, total: number]]>([
  ["default", {}, 0, [70, 100]],
  ["hard limit", {}, 10, [7, 10]],
  ["hard limit of one", {}, 1, [0.7, 1]],
  ["more than the hard limit", { target: "10" }, 1, [0.7, 1]],
  ["target", { target: "10" }, 0, [7, 10]],
  ["requests per second", { metric: "rps" }, 5, [140, 200]],
  ["requests per second, target", { metric: "rps", target: "1" }, 5, [0.7, 1]],
  [
    "requests per second, utilization",
    { metric: "rps", "target-utilization-percentage": "75" },
    0,
    [150, 200],
  ],
  ["unreadable counts as absent", { target: "many" }, 0, [70, 100]],
])("defaults, 1.6: %s", (_, annotations, limit, [target, total]) => {
  const got = targetOf(annotations, defaultConfig, limit);
  expect(got.target).toBeCloseTo(target, 12);
  expect(got.total).toBe(total);
});

/** `knative.md` appendix A.2: 100 % unless a utilization is given. */
test.each<[Partial<AutoscalerConfig>, Record<string, string>, number, [target: number, total: number]]>([
  [{}, {}, 0, [100, 100]],
  [{ containerConcurrencyTargetFraction: 0.8 }, {}, 0, [80, 100]],
  [{ containerConcurrencyTargetFraction: 0.3, containerConcurrencyTargetDefault: 2 }, {}, 0, [0.6, 2]],
  [{ containerConcurrencyTargetFraction: 0.8 }, { "target-utilization-percentage": "75" }, 12, [9, 12]],
  [{ containerConcurrencyTargetFraction: 0.8 }, {}, 10, [8, 10]],
  [{ containerConcurrencyTargetFraction: 0.8 }, {}, 1, [0.8, 1]],
  [{ containerConcurrencyTargetFraction: 0.001 }, { target: "1" }, 0, [0.01, 1]],
  [{ containerConcurrencyTargetFraction: 0.75 }, { target: "10" }, 0, [7.5, 10]],
  [{}, { target: "1" }, 10, [1, 1]],
  [{}, { target: "500" }, 0, [500, 500]],
  [{}, { target: "10" }, 1, [1, 1]],
  [{}, { metric: "rps", target: "300" }, 0, [210, 300]],
])("A.2: config %j, annotations %j, limit %i", (over, annotations, limit, [target, total]) => {
  const config = { ...defaultConfig, containerConcurrencyTargetFraction: 1, ...over };
  const got = targetOf(annotations, config, limit);
  expect(got.target).toBeCloseTo(target, 12);
  expect(got.total).toBe(total);
});
