import { beforeEach, expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { deployment, ourSlice, privateOf, service } from "../../test/helpers/kube-objects.ts";
import { MemoryStore } from "../../test/helpers/memory-store.ts";
import { Claims } from "./claims.ts";
import type { EndpointSlice, Service, Workload } from "./objects.ts";
import type { OtherWorkloads } from "./other-workloads.ts";
import { decidedAbout, revisionsOf, servedBy } from "./revisions.ts";

const nobody = { [Symbol.dispose]: () => undefined };
let services: MemoryStore<Service>;
let deployments: MemoryStore<Workload>;
let statefulSets: MemoryStore<Workload>;
let slices: MemoryStore<EndpointSlice>;
let claims: Claims;
let told: string[];
let scaledBy: string | undefined;

beforeEach(() => {
  services = new MemoryStore();
  deployments = new MemoryStore();
  statefulSets = new MemoryStore();
  slices = new MemoryStore();
  told = [];
  scaledBy = undefined;
  claims = new Claims({
    services,
    deployments,
    statefulSets,
    slices,
    others: { get: () => undefined, subscribe: () => nobody } as unknown as OtherWorkloads,
    config: { current: () => defaultConfig, subscribe: () => nobody },
    autoscaled: { by: () => scaledBy, subscribe: () => nobody },
  });
  claims.subscribe((id) => told.push(id));
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const refusal = async (id = "default/a") => {
  await settled();
  return claims.get(id)?.refusal?.reason;
};

test("an annotated Service with its workload is wanted, and a revision to both who decide and who serve", async () => {
  services.put(service("a"));
  deployments.put(deployment("a", 3));
  await settled();
  const claim = claims.get("default/a")!;
  expect(claim).toMatchObject({ annotated: true, routed: false, wanted: true, refusal: undefined });
  expect(claim.workload?.ref).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: "a" });
  for (const sees of [decidedAbout, servedBy]) {
    expect(
      revisionsOf(claims, sees)
        .list()
        .map(({ id }) => id),
    ).toEqual(["default/a"]);
  }
});

test("a Service that nobody annotated is none of our business", async () => {
  services.put(service("a", { annotations: {} }));
  deployments.put(deployment("a"));
  await settled();
  expect([...claims.values()]).toEqual([]);
});

test("replicas and status do not count as a change; the workload is fresh all the same", async () => {
  services.put(service("a"));
  deployments.put(deployment("a", 1));
  await settled();
  told.length = 0;
  deployments.put(deployment("a", 5));
  await settled();
  expect(told).toEqual([]);
  expect(claims.workload("default/a")?.object.spec?.replicas).toBe(5);
});

test("no workload: refused for the time being; it comes, and all is well", async () => {
  services.put(service("a"));
  expect(await refusal()).toBe("NoWorkload");
  expect(claims.get("default/a")?.wanted).toBe(false);
  deployments.put(deployment("a"));
  expect(await refusal()).toBeUndefined();
});

test("a workload that goes does not take the activators out of the path", async () => {
  services.put(service("a"));
  deployments.put(deployment("a"));
  slices.put(ourSlice("a", 10_000));
  await settled();
  deployments.remove("default/a");
  expect(await refusal()).toBe("NoWorkload");
  expect(claims.get("default/a")).toMatchObject({ routed: true, wanted: true });
  expect(revisionsOf(claims, servedBy).get("default/a")).toBeDefined();
  expect(revisionsOf(claims, decidedAbout).get("default/a")).toBeUndefined();
});

test("several workloads fit: refused until the scale target says which", async () => {
  services.put(service("a"));
  deployments.put(deployment("a"));
  statefulSets.put({ ...deployment("a"), metadata: { ...deployment("a").metadata, name: "a-set" } });
  expect(await refusal()).toBe("AmbiguousWorkload");
  const annotations = {
    "autoscaling.knative.dev/min-scale": "0",
    "pilotlight.dev/scale-target": "apps/v1/StatefulSet/a-set",
  };
  services.put(service("a", { annotations }));
  expect(await refusal()).toBeUndefined();
  expect(claims.get("default/a")?.workload?.ref.kind).toBe("StatefulSet");
});

test.each([
  ["headless", { clusterIP: "None" }, "CannotRoute"],
  ["ExternalName", { type: "ExternalName" }, "CannotRoute"],
  ["publishNotReadyAddresses", { publishNotReadyAddresses: true }, "CannotRoute"],
  ["UDP only", { ports: [{ port: 53, protocol: "UDP" }] }, "CannotRoute"],
  [
    "UDP beside TCP",
    {
      ports: [
        { name: "a", port: 53, protocol: "UDP" },
        { name: "b", port: 53, protocol: "TCP" },
      ],
    },
    "CannotRoute",
  ],
  ["internalTrafficPolicy", { internalTrafficPolicy: "Local" }, "CannotRoute"],
])("%s: refused for good, even when it was routed", async (_, spec, reason) => {
  services.put(service("a", { spec }));
  deployments.put(deployment("a"));
  slices.put(ourSlice("a", 10_000));
  expect(await refusal()).toBe(reason);
  expect(claims.get("default/a")).toMatchObject({ wanted: false });
  expect(claims.get("default/a")!.refusal!.remedy).toMatch(/./);
});

test("Knative's own Service is left alone", async () => {
  services.put(service("a", { labels: { "networking.internal.knative.dev/serverlessservice": "a" } }));
  deployments.put(deployment("a"));
  expect(await refusal()).toBe("MadeByKnative");
});

test.each([
  ["custom.example.com", "ForeignClass"],
  ["", "ForeignClass"],
  ["typo.autoscaling.knative.dev", "BadSettings"],
  ["hpa.autoscaling.knative.dev", undefined],
])("class %j: %s", async (value, reason) => {
  services.put(service("a", { annotations: { "autoscaling.knative.dev/class": value } }));
  deployments.put(deployment("a"));
  expect(await refusal()).toBe(reason);
});

test("settings that cannot be used: not decided about; one that is routed is served by the defaults", async () => {
  const annotations = { "autoscaling.knative.dev/min-scale": "many" };
  services.put(service("a", { annotations }));
  deployments.put(deployment("a"));
  expect(await refusal()).toBe("BadSettings");
  expect(claims.get("default/a")!.refusal!.message).toContain("many");
  expect(claims.get("default/a")!.wanted).toBe(false);
  slices.put(ourSlice("a", 10_000));
  await settled();
  expect(claims.get("default/a")!.wanted).toBe(true);
  expect(revisionsOf(claims, servedBy).get("default/a")?.timeoutMs).toBe(300_000);
});

test("two Services on one workload: the older one has it, unless the other one is routed already", async () => {
  deployments.put(deployment("a"));
  services.put(service("a", { creationTimestamp: "2026-02-01T00:00:00Z" }));
  services.put(service("b", { spec: { selector: { app: "a" } } }));
  expect(await refusal("default/a")).toBe("WorkloadShared");
  expect(await refusal("default/b")).toBeUndefined();
  slices.put(ourSlice("a", 10_000));
  expect(await refusal("default/a")).toBeUndefined();
  expect(await refusal("default/b")).toBe("WorkloadShared");
});

test("a HorizontalPodAutoscaler on the workload speaks against it", async () => {
  scaledBy = "mine";
  services.put(service("a"));
  deployments.put(deployment("a"));
  expect(await refusal()).toBe("HorizontalPodAutoscaler");
});

test("a Service that is being given back stays known for as long as anything of ours is there", async () => {
  services.put(service("a"));
  deployments.put(deployment("a"));
  slices.put(ourSlice("a", 10_000));
  services.put(privateOf("a"));
  await settled();
  services.put(service("a", { annotations: {} }));
  await settled();
  expect(claims.get("default/a")).toMatchObject({ annotated: false, wanted: false, routed: true });
  slices.remove("default/a-pilotlight-x");
  await settled();
  expect(claims.get("default/a")).toMatchObject({ routed: true });
  services.remove("default/a-private");
  await settled();
  expect(claims.get("default/a")).toBeUndefined();
});

test("the user's selector is found wherever it is", async () => {
  const annotations = { "autoscaling.knative.dev/min-scale": "0", "pilotlight.dev/selector": "app=a" };
  const { selector: _, ...spec } = service("a").spec;
  deployments.put(deployment("a"));
  services.put({ ...service("a", { annotations }), spec });
  await settled();
  expect(claims.get("default/a")?.selector).toEqual({ app: "a" });
  services.put(privateOf("a"));
  services.put({ ...service("a"), spec });
  await settled();
  expect(claims.get("default/a")?.selector).toEqual({ app: "a" });
});
