import { describe, expect, test } from "vitest";
import type { KubeObject, Service, Workload } from "./objects.ts";
import { keyOf } from "./objects.ts";
import type { Store } from "./watch.ts";
import { slimWorkload } from "./workload.ts";
import { type HorizontalPodAutoscaler, WorkloadGuard } from "./workload-guard.ts";

const store = <T extends KubeObject>(...objects: T[]): Store<T> => {
  const map = new Map(objects.map((object) => [keyOf(object), object]));
  return {
    get: (key) => map.get(key),
    values: () => map.values(),
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
    synced: true,
  };
};

const meta = (name: string, more: object = {}) => ({ metadata: { name, namespace: "shop", ...more } });

const service = (
  name: string,
  annotations: Record<string, string>,
  selector?: Record<string, string>,
): Service => ({
  ...meta(name, { annotations }),
  spec: selector === undefined ? {} : { selector },
});

const workload = (name: string, labels: Record<string, string>, delay?: number): Workload => ({
  ...meta(name),
  spec: {
    template: {
      metadata: { labels },
      spec: {
        containers: [
          { name: "c", ...(delay !== undefined && { readinessProbe: { initialDelaySeconds: delay } }) },
        ],
      },
    },
  },
});

const hpa = (name: string, kind: string, target: string, more: object = {}): HorizontalPodAutoscaler => ({
  ...meta(name, more),
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind, name: target } },
});

const ON = { "autoscaling.knative.dev/min-scale": "0" };
const guardOf = (stores: {
  services?: Service[];
  deployments?: Workload[];
  statefulSets?: Workload[];
  autoscalers?: HorizontalPodAutoscaler[];
}) =>
  new WorkloadGuard({
    services: store(...(stores.services ?? [])),
    deployments: store(...(stores.deployments ?? [])),
    statefulSets: store(...(stores.statefulSets ?? [])),
    autoscalers: store(...(stores.autoscalers ?? [])),
  });

const web = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const asked = (
  annotations: Record<string, string> = ON,
  selector: Record<string, string> = { app: "web" },
) => ({
  namespace: "shop",
  name: "web",
  annotations,
  selector,
});

describe("scaledThrough", () => {
  const deployments = [workload("web", { app: "web", tier: "front" })];

  test.each([
    ["by its selector", service("a", ON, { app: "web" }), "a"],
    ["by the selector that we keep", service("a", { ...ON, "pilotlight.dev/selector": "app=web" }), "a"],
    [
      "by its scale target",
      service("a", { ...ON, "pilotlight.dev/scale-target": "apps/v1/Deployment/web" }, { x: "y" }),
      "a",
    ],
    ["not annotated", service("a", {}, { app: "web" }), undefined],
    ["another selector", service("a", ON, { app: "other" }), undefined],
    [
      "another namespace",
      { ...service("a", ON, { app: "web" }), metadata: { name: "a", namespace: "x", annotations: ON } },
      undefined,
    ],
  ])("%s", (_, candidate, expected) => {
    expect(guardOf({ services: [candidate], deployments }).scaledThrough("shop", web)).toBe(expected);
  });

  test("an HPA that names another version of the group means the same workload", () => {
    const guard = guardOf({ services: [service("a", ON, { app: "web" })], deployments });
    expect(guard.scaledThrough("shop", { ...web, apiVersion: "apps/v1beta2" })).toBe("a");
    expect(guard.scaledThrough("shop", { ...web, kind: "StatefulSet" })).toBeUndefined();
  });
});

describe("autoscalersBehind", () => {
  const deployments = [workload("web", { app: "web" })];

  test("names those on the same workload", () => {
    const autoscalers = [hpa("cpu", "Deployment", "web"), hpa("other", "Deployment", "db")];
    expect(guardOf({ deployments, autoscalers }).autoscalersBehind(asked())).toEqual([
      { autoscaler: "cpu", workload: web },
    ]);
  });

  test("but not one that Pilotlight made for the Service", () => {
    const ownerReferences = [{ apiVersion: "v1", kind: "Service", name: "web", uid: "1" }];
    const autoscalers = [hpa("web", "Deployment", "web", { ownerReferences })];
    expect(guardOf({ deployments, autoscalers }).autoscalersBehind(asked())).toEqual([]);
  });

  test("nothing is said of a workload that is not there, or of several", () => {
    const autoscalers = [hpa("cpu", "Deployment", "web")];
    expect(guardOf({ autoscalers }).autoscalersBehind(asked())).toEqual([]);
    const statefulSets = [workload("web", { app: "web" })];
    expect(guardOf({ deployments, statefulSets, autoscalers }).autoscalersBehind(asked())).toEqual([]);
  });
});

test("slowStart names a mounted token and probes that only kubelet runs, and nothing else", () => {
  const deployment = (spec: object): Workload => ({
    ...meta("web"),
    spec: { template: { metadata: { labels: { app: "web" } }, spec: spec as never } },
  });
  const slow = (spec: object): string[] =>
    guardOf({ deployments: [slimWorkload(deployment(spec))] })
      .slowStart(asked())
      .map(({ workload: { name }, advice }) => `${name} ${advice.code}`);
  const http = { httpGet: { path: "/", port: 80 }, periodSeconds: 30 };
  const exec = { exec: { command: ["true"] } };
  const off = { automountServiceAccountToken: false };
  expect(slow({ containers: [{ name: "c", readinessProbe: http }] })).toEqual(["web service-account-token"]);
  expect(slow({ ...off, containers: [{ name: "c", readinessProbe: exec }] })).toEqual(["web exec-probe"]);
  expect(slow({ ...off, containers: [{ name: "c", startupProbe: http }] })).toEqual(["web startup-probe"]);
  expect(slow({ ...off, containers: [{ name: "c" }] })).toEqual([]);
  expect(guardOf({}).slowStart(asked())).toEqual([]);
});

test("startTime is the longest delay of a container's probes", () => {
  expect(guardOf({ deployments: [workload("web", { app: "web" }, 7)] }).startTime(asked())).toBe(7000);
  expect(guardOf({ deployments: [workload("web", { app: "web" })] }).startTime(asked())).toBeUndefined();
  expect(guardOf({}).startTime(asked())).toBeUndefined();
});
