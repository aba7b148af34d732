import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { SECOND } from "#core/clock.ts";
import type { Condition } from "./active.ts";
import type { Hold } from "./hold.ts";
import { planScale, type ScaleView, type ToZero } from "./scale-plan.ts";

const NOW = 1_000_000;
const settingsOf = (annotations: Record<string, string> = {}) =>
  resolveSettings(
    Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
    ),
    defaultConfig,
  );
const active: Condition = { state: "active", reason: "", since: 0 };
const activating: Condition = { state: "activating", reason: "Queued", since: 0 };
const inactive: Condition = { state: "inactive", reason: "NoTraffic", since: 0 };
const view: ScaleView = {
  advice: 2,
  told: 2,
  readyPods: 2,
  condition: active,
  initialised: true,
  hold: undefined,
};
const asItIs: ToZero = (desired) => ({ scale: desired, apply: true });
const hold: Hold = { code: "reporter-lost", text: "a fell silent", until: NOW + 5000 };
const codes = (plan: ReturnType<typeof planScale>) => plan.limits.map(({ code }) => code);

test("advice within bounds is what is applied", () => {
  expect(planScale(view, settingsOf(), asItIs, NOW)).toEqual({
    want: 2,
    apply: true,
    againAt: Infinity,
    mayEndEarly: false,
    limits: [],
    condition: active,
    initialised: true,
  });
});

test("not known yet: hands off, but for one that is activating, which gets its minimum", () => {
  const unknown = { ...view, advice: -1 };
  expect(planScale(unknown, settingsOf(), asItIs, NOW)).toMatchObject({ want: -1, apply: false });
  const fresh = planScale(
    { ...unknown, condition: activating },
    settingsOf({ "min-scale": "3" }),
    asItIs,
    NOW,
  );
  expect(fresh).toMatchObject({ want: 3, apply: true });
  expect(planScale({ ...unknown, condition: inactive }, settingsOf(), asItIs, NOW).condition).toBe(inactive);
});

test("a hold keeps what the workload is told, never more, and ends in time", () => {
  const plan = planScale({ ...view, advice: 1, told: 4, hold }, settingsOf(), asItIs, NOW);
  expect(plan).toMatchObject({ want: 4, apply: true, againAt: NOW + 5000, mayEndEarly: true });
  expect(plan.limits).toEqual([{ code: "reporter-lost", text: "4 instead of 1: a fell silent" }]);
  expect(planScale({ ...view, advice: 5, told: 4, hold }, settingsOf(), asItIs, NOW).want).toBe(5);
  const full = { ...hold, code: "window-not-full" as const };
  expect(planScale({ ...view, advice: 1, told: 4, hold: full }, settingsOf(), asItIs, NOW).mayEndEarly).toBe(
    false,
  );
});

test("bounds come after the hold: a new maximum counts at once", () => {
  const plan = planScale(
    { ...view, advice: 1, told: 9, hold },
    settingsOf({ "max-scale": "3" }),
    asItIs,
    NOW,
  );
  expect(plan.want).toBe(3);
  expect(codes(plan)).toEqual(["reporter-lost", "max-scale"]);
});

test("the initial scale is a minimum until there were as many once", () => {
  const settings = settingsOf({ "initial-scale": "4" });
  const fresh = { ...view, advice: 1, initialised: false, readyPods: 1 };
  expect(codes(planScale(fresh, settings, asItIs, NOW))).toEqual(["initial-scale"]);
  expect(planScale({ ...fresh, readyPods: 4 }, settings, asItIs, NOW).initialised).toBe(true);
  expect(planScale({ ...fresh, initialised: true }, settings, asItIs, NOW).want).toBe(1);
});

test("the way to zero has the last word, and says when to look again", () => {
  const zero = { ...view, advice: 0, told: 1 };
  const plan = planScale(zero, settingsOf(), () => ({ scale: 1, apply: true, againAfter: 7 * SECOND }), NOW);
  expect(plan).toMatchObject({ want: 1, againAt: NOW + 7000 });
  expect(codes(plan)).toEqual(["scale-to-zero"]);
  const going = planScale(zero, settingsOf(), () => ({ scale: 0, apply: false }), NOW);
  expect(going).toMatchObject({ want: 0, apply: false, condition: { state: "inactive", since: NOW } });
});

test("whatever comes in: within bounds, never below what a hold keeps but for the maximum", () => {
  const pods = fc.integer({ min: 0, max: 50 });
  const input = fc.record({
    advice: pods,
    told: pods,
    readyPods: pods,
    min: pods,
    max: pods,
    held: fc.boolean(),
    condition: fc.constantFrom(active, activating, inactive),
  });
  fc.assert(
    fc.property(input, ({ min, max, held, ...known }) => {
      fc.pre(max === 0 || min <= max); // The webhook refuses the rest.
      const settings = settingsOf({ "min-scale": String(min), "max-scale": String(max) });
      const seen = { ...known, initialised: true, hold: held ? hold : undefined };
      const { want } = planScale(seen, settings, asItIs, NOW);
      expect(want).toBeGreaterThanOrEqual(min);
      if (max > 0) expect(want).toBeLessThanOrEqual(max);
      if (held && (max === 0 || known.told <= max)) expect(want).toBeGreaterThanOrEqual(known.told);
      if (!held && known.advice >= min && (max === 0 || known.advice <= max)) expect(want).toBe(known.advice);
    }),
  );
});
