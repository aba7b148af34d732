import { expect, test } from "vitest";
import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Millis } from "#core/clock.ts";
import { viewService } from "./service-view.ts";
import { serviceWarnings, warningText } from "./warnings.ts";

const GROUP = "autoscaling.knative.dev";

interface Case {
  readonly name: string;
  readonly annotations: Record<string, string>;
  readonly spec?: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly startMs?: Millis;
  readonly says: readonly string[];
}

const warn = ({ annotations, spec = {}, data = {}, startMs }: Case): string[] => {
  const config = parseAutoscalerConfig(data);
  if (!config.ok) throw new Error(config.error);
  const whole = { selector: { app: "hello" }, ports: [{ port: 80 }], ...spec };
  const view = viewService({ metadata: { name: "hello", annotations } }, whole, config.config);
  return serviceWarnings(view, config.config, { startMs }).map(warningText);
};

const at = (key: string, message: string) => `metadata.annotations.${key}: ${message}`;

test.each<Case>([
  {
    name: "nothing surprising",
    annotations: { [`${GROUP}/min-scale`]: "0", [`${GROUP}/max-scale`]: "5" },
    says: [],
  },
  { name: "no annotation at all", annotations: {}, spec: { clusterIP: "None" }, says: [] },
  {
    name: "a typo close to a known key",
    annotations: { [`${GROUP}/min-scal`]: "1" },
    says: [
      at(`${GROUP}/min-scal`, `this key is not known and has no effect; did you mean ${GROUP}/min-scale?`),
    ],
  },
  {
    name: "an unknown key that is close to none",
    annotations: { [`${GROUP}/colour`]: "red" },
    says: [at(`${GROUP}/colour`, "this key is not known and has no effect")],
  },
  {
    name: "the group itself misspelt",
    annotations: { "autoscaling.knativ.dev/window": "60s" },
    says: [
      at(
        "autoscaling.knativ.dev/window",
        `this key is not known and has no effect; did you mean ${GROUP}/window?`,
      ),
    ],
  },
  {
    name: "a misspelt key of ours, which is refused: the suggestion",
    annotations: { [`${GROUP}/min-scale`]: "0", "pilotlight.dev/queue-dept": "1" },
    says: [at("pilotlight.dev/queue-dept", "did you mean pilotlight.dev/queue-depth?")],
  },
  {
    name: "both spellings",
    annotations: { [`${GROUP}/minScale`]: "3", [`${GROUP}/min-scale`]: "0" },
    says: [at(`${GROUP}/minScale`, `has no effect, because ${GROUP}/min-scale is set as well`)],
  },
  {
    name: "ours without any that switches on",
    annotations: { "pilotlight.dev/queue-depth": "5" },
    says: [
      at(
        "pilotlight.dev/queue-depth",
        `has no effect without an ${GROUP} annotation, for example ${GROUP}/min-scale: "0"`,
      ),
    ],
  },
  {
    name: "retention beside min-scale",
    annotations: { [`${GROUP}/min-scale`]: "1", [`${GROUP}/scale-to-zero-pod-retention-period`]: "1m" },
    says: [
      at(
        `${GROUP}/scale-to-zero-pod-retention-period`,
        "has no effect, because min-scale=1 keeps the last pod anyway",
      ),
    ],
  },
  {
    name: "initial-scale above max-scale",
    annotations: { [`${GROUP}/initial-scale`]: "5", [`${GROUP}/max-scale`]: "3" },
    says: [
      at(
        `${GROUP}/initial-scale`,
        "initial-scale=5 is above max-scale=3: it starts with 5 pods all the same",
      ),
    ],
  },
  {
    name: "the config's initial-scale above the Service's max-scale",
    annotations: { [`${GROUP}/max-scale`]: "3" },
    data: { "initial-scale": "4" },
    says: [
      at(`${GROUP}/max-scale`, "initial-scale=4 is above max-scale=3: it starts with 4 pods all the same"),
    ],
  },
  {
    name: "window shorter than the start",
    annotations: { [`${GROUP}/window`]: "6s" },
    startMs: 10_000,
    says: [
      at(
        `${GROUP}/window`,
        "6s is shorter than a pod takes to become ready (at least 10s): it may be taken away before it has answered",
      ),
    ],
  },
  {
    name: "window as long as the start",
    annotations: { [`${GROUP}/window`]: "10s" },
    startMs: 10_000,
    says: [],
  },
  {
    name: "zero where the cluster forbids it",
    annotations: { [`${GROUP}/min-scale`]: "0" },
    data: { "enable-scale-to-zero": "false" },
    says: [
      at(`${GROUP}/min-scale`, "it will not go to zero: enable-scale-to-zero is false in config-autoscaler"),
    ],
  },
  {
    name: "zero with the HPA class",
    annotations: { [`${GROUP}/min-scale`]: "0", [`${GROUP}/class`]: `hpa.${GROUP}` },
    says: [at(`${GROUP}/min-scale`, `it will not go to zero: the class hpa.${GROUP} keeps at least one pod`)],
  },
  {
    name: "another autoscaler's class",
    annotations: { [`${GROUP}/class`]: "custom.example.com" },
    says: [
      'spec: Pilotlight does not scale this Service: the class "custom.example.com" belongs to another controller, which scales this Service; set it to kpa.autoscaling.knative.dev, or take the annotations off',
    ],
  },
  {
    name: "no selector",
    annotations: { [`${GROUP}/min-scale`]: "0" },
    spec: { selector: undefined },
    says: ["spec.selector: Pilotlight does not scale this Service: it selects no pods"],
  },
])("$name", (row) => {
  expect(warn(row)).toEqual(row.says);
});

test.each([
  ["headless", { clusterIP: "None" }],
  ["ExternalName", { type: "ExternalName", externalName: "example.com" }],
  ["UDP only", { ports: [{ port: 53, protocol: "UDP" }] }],
  ["publishNotReadyAddresses", { publishNotReadyAddresses: true }],
  ["internalTrafficPolicy", { internalTrafficPolicy: "Local" }],
])("a shape that cannot be routed is told with a remedy: %s", (name, spec) => {
  const [first, ...others] = warn({ name, annotations: { [`${GROUP}/min-scale`]: "0" }, spec, says: [] });
  expect(first).toMatch(/^spec: Pilotlight does not scale this Service: .+; .+/);
  expect(others).toEqual([]);
});

test("an unreadable value is no reason to warn of what it would mean", () => {
  const view = viewService(
    { metadata: { annotations: { [`${GROUP}/max-scale`]: "x", [`${GROUP}/initial-scale`]: "9" } } },
    { selector: { app: "a" }, ports: [{ port: 80 }] },
    defaultConfig,
  );
  expect(serviceWarnings(view, defaultConfig)).toEqual([]);
});
