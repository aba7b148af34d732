import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advise } from "./advise.ts";
import { coresOf } from "./cpu.ts";
import type { AdviceSubject, ContainerShape, PodShape } from "./subject.ts";

const probe = { httpGet: {}, periodSeconds: 1 };
const good: ContainerShape = { name: "app", image: "example.org/app:1.2", readinessProbe: probe };
const subject = (pod: Partial<PodShape> = {}, rest: Partial<AdviceSubject> = {}): AdviceSubject => ({
  workload: "deployment/app",
  windowMs: 60_000,
  pod: { automountServiceAccountToken: false, containers: [good], ...pod },
  ...rest,
});
const codes = (of: AdviceSubject): string[] => advise(of).map(({ code }) => code);

test("a Service that starts as fast as it can gets no advice", () => {
  expect(advise(subject())).toEqual([]);
});

describe("each thing that costs is found, and only it", () => {
  test.each<[string, Partial<PodShape>, string[]]>([
    ["a token", { automountServiceAccountToken: true }, ["service-account-token"]],
    ["a sidecar", { containers: [good, { ...good, name: "proxy" }] }, ["sidecar"]],
    ["an init container", { initContainers: [{ ...good, name: "wait" }] }, ["init-container"]],
    [
      "a native sidecar",
      { initContainers: [{ ...good, name: "log", restartPolicy: "Always" }] },
      ["sidecar"],
    ],
    ["no probe", { containers: [{ name: "app", image: "app:1" }] }, ["no-readiness-probe"]],
    ["exec", { containers: [{ ...good, readinessProbe: { exec: {} } }] }, ["exec-probe"]],
    ["gRPC", { containers: [{ ...good, readinessProbe: { grpc: {} } }] }, ["grpc-probe"]],
    ["startup", { containers: [{ ...good, startupProbe: probe }] }, ["startup-probe"]],
    [
      "a delay",
      { containers: [{ ...good, readinessProbe: { ...probe, initialDelaySeconds: 5 } }] },
      ["initial-delay"],
    ],
    ["the default period", { containers: [{ ...good, readinessProbe: { httpGet: {} } }] }, ["probe-period"]],
    ["Always", { containers: [{ ...good, imagePullPolicy: "Always" }] }, ["image-pull-policy"]],
    ["latest", { containers: [{ ...good, image: "app:latest" }] }, ["image-pull-policy"]],
    [
      "no tag behind a port",
      { containers: [{ ...good, image: "localhost:5000/app" }] },
      ["image-pull-policy"],
    ],
    ["latest, not pulled", { containers: [{ ...good, image: "app", imagePullPolicy: "IfNotPresent" }] }, []],
    ["a digest", { containers: [{ ...good, image: `app@sha256:${"0".repeat(64)}` }] }, []],
    ["half a core", { containers: [{ ...good, resources: { limits: { cpu: "500m" } } }] }, ["cpu-limit"]],
    ["two cores", { containers: [{ ...good, resources: { limits: { cpu: 2 } } }] }, []],
  ])("%s", (_, pod, expected) => {
    expect(codes(subject(pod))).toEqual(expected);
  });

  test("a window shorter than the usual start", () => {
    const slow = subject({}, { windowMs: 6_000, starts: { count: 4, averageMs: 8_000 } });
    expect(advise(slow)).toMatchInlineSnapshot(`
      [
        {
          "code": "window-shorter-than-start",
          "finding": "a start takes 8.0 s (average of 4), the window is 6 s: a pod may be taken away as soon as it is there",
          "yaml": "metadata.annotations: {autoscaling.knative.dev/window: "24s"}  # on the Service",
        },
      ]
    `);
  });

  test("an image that some nodes lack", () => {
    const nodes = { count: 3, withImage: () => 2 };
    expect(advise(subject({}, { nodes }))[0]?.finding).toBe(
      "example.org/app:1.2 is on 2 of 3 nodes; on the others the first start pulls it",
    );
  });
});

test("costs are figures, never negative, the least first", () => {
  const seconds = fc.integer({ min: 0, max: 600 });
  const anyProbe = fc.record(
    { exec: fc.constant({}), initialDelaySeconds: seconds, periodSeconds: seconds },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyProbe, (readinessProbe) => {
      for (const { costMs, yaml } of advise(subject({ containers: [{ ...good, readinessProbe }] }))) {
        expect(yaml).not.toBe("");
        if (costMs !== undefined) expect(0 <= costMs[0] && costMs[0] <= costMs[1]).toBe(true);
      }
    }),
  );
});

test.each([
  ["500m", 0.5],
  ["2", 2],
  [1, 1],
  ["0.25", 0.25],
  ["2Gi", undefined],
  ["", undefined],
])("%s is %s cores", (text, cores) => {
  expect(coresOf(text)).toBe(cores);
});
