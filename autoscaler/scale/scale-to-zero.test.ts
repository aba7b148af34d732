import { describe, expect, test } from "vitest";
import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { SECOND } from "#core/clock.ts";
import { scaleToZero, type ZeroInput } from "./scale-to-zero.ts";

const GROUP = "autoscaling.knative.dev";

interface Given extends Partial<Omit<ZeroInput, "inStateFor" | "proxyFor">> {
  readonly annotations?: Record<string, string>;
  /** Seconds. */
  readonly since?: number;
  readonly proxying?: boolean;
  readonly proxySince?: number;
  readonly reachable?: boolean;
}

const inputOf = ({
  annotations = {},
  since = 0,
  proxySince = 0,
  reachable = true,
  ...over
}: Given): ZeroInput => ({
  desired: 0,
  state: "inactive",
  config: defaultConfig,
  settings: resolveSettings(annotations, defaultConfig, { reachable }),
  progressDeadline: 600 * SECOND,
  proxying: false,
  ...over,
  inStateFor: since * SECOND,
  proxyFor: proxySince * SECOND,
});

const decide = (given: Given, reaches?: boolean) => {
  const decision = scaleToZero(inputOf(given), reaches);
  if (decision.kind === "probe") return "probe";
  const again = decision.againAfter === undefined ? "" : ` again in ${decision.againAfter / SECOND}`;
  const probe = decision.probeInBackground === true ? " probe" : "";
  expect(decision.reason).not.toBe("");
  return `${decision.scale}${decision.apply ? "" : " not applied"}${again}${probe}`;
};

const retention = (text: string) => ({ [`${GROUP}/scale-to-zero-pod-retention-period`]: text });

/** `knative.md` 3.7. */
describe("the way to zero", () => {
  test("any other number is applied", () => {
    expect(decide({ desired: 3, state: "active" })).toBe("3");
    expect(decide({ desired: -1, state: "activating" })).toBe("-1");
  });

  test("switched off: one pod", () => {
    expect(
      decide({ config: { ...defaultConfig, enableScaleToZero: false }, state: "inactive", since: 999 }),
    ).toBe("1");
  });

  test.each<[string, Given, string]>([
    ["activating", { state: "activating", since: 630 }, "-1 not applied again in 630"],
    ["activating for too long", { state: "activating", since: 630.5 }, "0"],
    [
      "activating beyond its own deadline",
      { state: "activating", since: 61, annotations: { "serving.knative.dev/progress-deadline": "30s" } },
      "0",
    ],
    ["active for less than the window", { state: "active", since: 20 }, "1 again in 40"],
    ["active for the window", { state: "active", since: 60 }, "0 not applied"],
    [
      "active for the window, behind the activators",
      { state: "active", since: 60, proxying: true },
      "0 not applied again in 3",
    ],
  ])("%s", (_, given, want) => {
    expect(decide(given)).toBe(want);
  });

  test.each<[string, Given, string]>([
    ["inactive for the grace period", { since: 30 }, "0"],
    ["routes lead to the activators for the grace period", { since: 5, proxySince: 30 }, "0"],
    ["routes lead there for less", { since: 5, proxySince: 12 }, "0 not applied again in 18"],
    ["the last pod is retained", { since: 40, annotations: retention("60s") }, "0 not applied again in 20"],
    [
      "retained for long enough, but not for the grace period",
      { since: 20, annotations: retention("10s") },
      "0 not applied again in 30",
    ],
    ["retained for long enough", { since: 60, annotations: retention("60s") }, "0"],
    [
      "unreachable ones are not retained",
      { since: 30, annotations: retention("60s"), reachable: false },
      "0",
    ],
  ])("%s", (_, given, want) => {
    expect(decide(given)).toBe("probe");
    expect(decide(given, true)).toBe(want);
    expect(decide(given, false)).toBe("0 not applied probe");
  });

  test("where the activator never leaves the path nobody is asked", () => {
    expect(decide({ since: 30, annotations: { [`${GROUP}/target-burst-capacity`]: "-1" } })).toBe("0");
  });
});
