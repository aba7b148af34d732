import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { applyBounds, boundsInForce, readyThreshold } from "./scale-bounds.ts";

const GROUP = "autoscaling.knative.dev";
const pods = fc.integer({ min: 0, max: 100 });

/** `knative.md` 10.1, invariant 10. */
test("10: pods lie within the bounds, and the minimum wins", () => {
  fc.assert(
    fc.property(pods, pods, pods, (desired, min, max) => {
      const bounded = applyBounds(desired, { min, max });
      if (desired < min) expect(bounded).toBe(min);
      else expect(bounded).toBe(max === 0 ? desired : Math.min(desired, max));
    }),
  );
  expect(applyBounds(1, { min: 5, max: 2 })).toBe(5);
});

const settingsOf = (annotations: Record<string, string>, reachable = true) =>
  resolveSettings(
    Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${GROUP}/${key}`, value])),
    defaultConfig,
    { reachable },
  );

test("the initial scale raises the minimum until a revision was ready once", () => {
  const settings = settingsOf({ "initial-scale": "4", "min-scale": "2", "max-scale": "3" });
  expect(boundsInForce(settings, false)).toEqual({ min: 4, max: 3 });
  expect(boundsInForce(settings, true)).toEqual({ min: 2, max: 3 });
  expect(boundsInForce(settingsOf({ "initial-scale": "4" }, false), false)).toEqual({ min: 0, max: 0 });
  expect(boundsInForce(settingsOf({}), false)).toEqual({ min: 0, max: 0 });
});

test("ready pods that make it active: the pods it starts with, later the minimum, one at least", () => {
  const settings = settingsOf({ "initial-scale": "4", "min-scale": "2" });
  expect([readyThreshold(settings, false), readyThreshold(settings, true)]).toEqual([4, 2]);
  expect(readyThreshold(settingsOf({}), true)).toBe(1);
});
