import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useCluster, type KubeObject } from "../cluster.ts";
import { badService, InstalledWebhook, SERVICE, type WebhookProcess } from "./installed.ts";

const cluster = useCluster();
let webhook: InstalledWebhook;
let process: WebhookProcess;
let namespace: string;

beforeAll(async () => {
  webhook = new InstalledWebhook(cluster(), await cluster().freeNamespace());
  await webhook.install();
  process = await webhook.start();
  await webhook.lead(process.port);
  namespace = await cluster().freeNamespace();
  await webhook.inForce(namespace);
});
afterAll(() => webhook.remove());

interface Service {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly resourceVersion: string };
  readonly spec: { readonly selector?: Record<string, string> };
}

const ON = { "autoscaling.knative.dev/min-scale": "0" };
const serviceOf = (name: string, annotations: Record<string, string> = ON): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, annotations },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

const stateOf = async (name: string) => {
  const service = await cluster().get<Service>(`service/${name}`, namespace);
  return {
    selector: service?.spec.selector,
    kept: service?.metadata.annotations?.["pilotlight.dev/selector"],
  };
};
const apply = (object: KubeObject, ...flags: string[]) =>
  cluster().kubectlWith([object], "apply", "-n", namespace, ...flags);
const warningsOf = async (object: KubeObject) => (await apply(object, "--dry-run=server")).stderr;
const TAKEN = (name: string) => ({ selector: undefined, kept: `app=${name}` });
const reviews = async () =>
  [...(await process.metrics()).matchAll(/^pilotlight_webhook_reviews_total{.*} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );

describe("what is refused", () => {
  test("bad annotations, all at once, in Knative's words", async () => {
    const annotations = { "autoscaling.knative.dev/window": "365h", "autoscaling.knative.dev/target": "0" };
    await expect(cluster().apply([serviceOf("bad", annotations)], namespace)).rejects.toThrow(
      [
        `admission webhook "services.webhook.pilotlight.dev" denied the request: validation failed: expected 6s <= 365h <= 1h0m0s: metadata.annotations.autoscaling.knative.dev/window`,
        "target 0 should be at least 0.01: metadata.annotations.autoscaling.knative.dev/target",
      ].join("\n"),
    );
  });

  test("a config-autoscaler that could not be used; other ConfigMaps, and those elsewhere, pass", async () => {
    const map = (name: string): KubeObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      data: { "stable-window": "1s" },
    });
    await expect(cluster().apply([map("config-autoscaler")], webhook.namespace)).rejects.toThrow(
      'admission webhook "config.webhook.pilotlight.dev" denied the request: validation failed: stable-window = 1s, must be in [6s; 1h0m0s] range',
    );
    await cluster().apply([map("config-other")], webhook.namespace);
    await cluster().apply([map("config-autoscaler")], namespace);
  });
});

describe("who never waits for it", () => {
  test.each([
    ["a Service without our annotations", () => ({ object: serviceOf("plain", {}), where: namespace })],
    ["kube-system", () => ({ object: badService("in-kube-system"), where: "kube-system" })],
    ["our own namespace", () => ({ object: badService("in-our-own"), where: webhook.namespace })],
    [
      "Knative's own Services",
      () => ({
        object: {
          ...badService("knatives"),
          metadata: {
            name: "knatives",
            annotations: { "autoscaling.knative.dev/min-scale": "-1" },
            labels: { "networking.internal.knative.dev/serverlessservice": "x" },
          },
        },
        where: namespace,
      }),
    ],
  ])("%s", async (_, make) => {
    const { object, where } = make();
    const { name } = object["metadata"] as { name: string };
    const before = await reviews();
    await cluster().apply([object], where);
    await cluster().kubectl("label", "service", name, "-n", where, "touched=yes");
    await cluster().kubectl("delete", "service", name, "-n", where);
    expect(await reviews()).toBe(before);
  });
});

describe("the selector", () => {
  test("is kept aside at creation; a dry run says so and stores nothing", async () => {
    const { stdout } = await apply(serviceOf("dry"), "--dry-run=server", "-o=json");
    const { metadata, spec } = JSON.parse(stdout) as Service;
    expect(metadata.annotations).toMatchObject({ "pilotlight.dev/selector": "app=dry" });
    expect(spec.selector).toBeUndefined();
    expect(await cluster().get("service/dry", namespace)).toBeUndefined();
    await cluster().apply([serviceOf("first")], namespace);
    expect(await stateOf("first")).toEqual(TAKEN("first"));
  });

  test("applying the same manifest again, in every way there is, ends in the same state", async () => {
    const name = "again";
    const manifest = serviceOf(name);
    await cluster().apply([manifest], namespace);
    for (const flags of [
      [],
      ["--server-side", "--force-conflicts"],
      ["--server-side"],
      ["--server-side", "--field-manager=argocd", "--force-conflicts"],
      [],
    ]) {
      await apply(manifest, ...flags);
      expect({ flags, state: await stateOf(name) }).toEqual({ flags, state: TAKEN(name) });
    }
    await cluster().kubectlWith([manifest], "replace", "-n", namespace);
    expect(await stateOf(name)).toEqual(TAKEN(name));
  });

  test("from client-side to server-side apply and back needs no force: nobody owns a field that is not there", async () => {
    const manifest = serviceOf("mixed");
    for (const flags of [
      [],
      ["--server-side"],
      [],
      ["--server-side"],
      ["--server-side", "--field-manager=flux"],
      [],
    ]) {
      await apply(manifest, ...flags);
      expect({ flags, state: await stateOf("mixed") }).toEqual({ flags, state: TAKEN("mixed") });
    }
  });

  test("created by server-side apply, and applied again", async () => {
    const manifest = serviceOf("ssa");
    for (let i = 0; i < 3; i++) {
      await apply(manifest, "--server-side");
      expect(await stateOf("ssa")).toEqual(TAKEN("ssa"));
    }
    const changed = { ...serviceOf("ssa"), spec: { selector: { app: "other" }, ports: [{ port: 80 }] } };
    await apply(changed, "--server-side");
    expect(await stateOf("ssa")).toEqual({ selector: undefined, kept: "app=other" });
  });

  test("comes back when the annotations go, whoever takes them off", async () => {
    await cluster().apply([serviceOf("back")], namespace);
    await cluster().kubectl(
      "annotate",
      "service/back",
      "-n",
      namespace,
      "autoscaling.knative.dev/min-scale-",
    );
    expect((await stateOf("back")).selector).toEqual({ app: "back" });

    await cluster().apply([serviceOf("back2")], namespace);
    await cluster().apply([serviceOf("back2", {})], namespace);
    expect((await stateOf("back2")).selector).toEqual({ app: "back2" });

    await apply(serviceOf("back3"), "--server-side");
    await apply(serviceOf("back3", {}), "--server-side");
    expect((await stateOf("back3")).selector).toEqual({ app: "back3" });
  });

  test("of a Service that runs already is left to the autoscaler", async () => {
    await cluster().apply([serviceOf("running", {})], namespace);
    await cluster().apply([serviceOf("running")], namespace);
    expect(await stateOf("running")).toEqual({ selector: { app: "running" }, kept: undefined });
  });
});

test("warnings reach whoever writes, of typos and of two that scale one workload", async () => {
  const typo = await warningsOf(serviceOf("typo", { ...ON, "autoscaling.knative.dev/max-scal": "3" }));
  expect(typo).toContain("did you mean autoscaling.knative.dev/max-scale?");
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: "none" }] },
      },
    },
  };
  const hpa = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "cpu" },
    spec: {
      minReplicas: 1,
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    },
  };
  await cluster().apply([deployment, serviceOf("web")], namespace);
  await expect
    .poll(() => warningsOf({ ...hpa, metadata: { name: `cpu-${Math.random()}` } }), {
      timeout: 60_000,
      interval: 1000,
    })
    .toContain("has two that want to scale it: Pilotlight through Service web");
});

test("the certificate is in its Secret, and the configurations trust it", async () => {
  const secret = await cluster().get<{ data: Record<string, string> }>(
    `secret/${SERVICE}-certificate`,
    webhook.namespace,
  );
  for (const kind of ["mutating", "validating"]) {
    const found = JSON.parse(
      await cluster().kubectl("get", `${kind}webhookconfiguration`, webhook.configuration, "-o=json"),
    ) as {
      webhooks: { clientConfig: { caBundle: string } }[];
    };
    for (const { clientConfig } of found.webhooks)
      expect(clientConfig.caBundle).toBe(secret?.data["ca-cert.pem"]);
  }
});
