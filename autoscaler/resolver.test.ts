import { expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { pilotlightRules } from "#core/divergences.ts";
import { revisionOf } from "../test/helpers/autoscaler-world.ts";
import { Resolver } from "./resolver.ts";

test("the same annotations give the same object, others and another hard limit do not", () => {
  const resolver = new Resolver(pilotlightRules);
  const resolve = (annotations: Record<string, string>, containerConcurrency = 0) =>
    resolver.resolve(revisionOf(annotations, { containerConcurrency }), defaultConfig);
  const first = resolve({ target: "10" });
  expect(resolve({ target: "10" })).toBe(first);
  expect(resolve({ target: "20" }).spec.targetValue).toBe(14);
  expect(resolve({ target: "10" }, 5).spec.targetValue).toBe(3.5);
  expect(resolve({ target: "10" })).toBe(first);
  expect(first.spec.targetValue).toBe(7);
});

test("another config is followed at once", () => {
  const resolver = new Resolver(pilotlightRules);
  const revision = revisionOf();
  expect(resolver.resolve(revision, defaultConfig).spec.targetValue).toBe(70);
  const config = { ...defaultConfig, containerConcurrencyTargetDefault: 10 };
  expect(resolver.resolve(revision, config).spec.targetValue).toBe(7);
});

test("foreign annotations make no difference, the progress deadline does", () => {
  const resolver = new Resolver(pilotlightRules);
  const of = (annotations: Record<string, string>) =>
    resolver.resolve(revisionOf({}, { annotations }), defaultConfig);
  expect(of({ "example.com/note": "a" })).toBe(of({ "example.com/note": "b" }));
  expect(of({ "serving.knative.dev/progress-deadline": "5s" })).not.toBe(of({}));
});

test("ever new annotations cost a bounded store", () => {
  const resolver = new Resolver(pilotlightRules);
  for (let i = 1; i < 10_000; i++) {
    const { spec } = resolver.resolve(revisionOf({ target: String(i) }), defaultConfig);
    expect(spec.targetValue).toBeCloseTo(i * 0.7, 6);
  }
});
