import { describe, expect, test } from "vitest";
import { pilotlightRules } from "#core/divergences.ts";
import { decodeReview } from "../review.ts";
import { reviewOf } from "../../test/helpers/webhook.ts";
import { validateConfigMap } from "./config-map.ts";
import { exampleChecksum } from "./example-checksum.ts";

const map = (data?: Record<string, string>, annotations?: Record<string, string>, more: object = {}) => ({
  metadata: { name: "config-autoscaler", ...(annotations && { annotations }), ...more },
  ...(data && { data }),
});

const review = (object: unknown, more: object = {}) =>
  validateConfigMap(pilotlightRules)(
    decodeReview(reviewOf("ConfigMap", object, { name: "config-autoscaler", ...more })),
  );

const BAD = "stable-window = 1s, must be in [6s; 1h0m0s] range";

describe("config-autoscaler", () => {
  test.each([
    ["no data", map()],
    ["good data", map({ "stable-window": "30s" })],
    [
      "an example that is as shipped",
      map({ _example: "a: 1" }, { "knative.dev/example-checksum": exampleChecksum("a: 1") }),
    ],
    [
      "bad data of one that is being deleted",
      map({ "stable-window": "1s" }, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    ],
  ])("%s: let in", (_, object) => {
    expect(review(object)).toEqual({ allowed: true, warnings: [], patch: [] });
  });

  test("bad data are refused with Knative's text", () => {
    expect(review(map({ "stable-window": "1s" }))).toMatchObject({
      allowed: false,
      message: `validation failed: ${BAD}`,
    });
  });

  test("an edited example is refused first", () => {
    const object = map(
      { _example: "b: 1", "stable-window": "1s" },
      { "knative.dev/example-checksum": exampleChecksum("a: 1") },
    );
    expect(review(object).message).toMatch(/^validation failed: the update modifies a key in "_example"/);
  });

  test("an update that changes no setting is let in with the problem as a warning", () => {
    const object = map({ "stable-window": "1s" });
    expect(
      review(object, { operation: "UPDATE", oldObject: map({ "stable-window": "1s" }, { note: "x" }) }),
    ).toEqual({
      allowed: true,
      warnings: [BAD],
      patch: [],
    });
    expect(review(object, { operation: "UPDATE", oldObject: map({ "stable-window": "2s" }) }).allowed).toBe(
      false,
    );
  });

  test("other ConfigMaps pass", () => {
    expect(review(map({ "stable-window": "1s" }), { name: "config-other" }).allowed).toBe(true);
  });
});
