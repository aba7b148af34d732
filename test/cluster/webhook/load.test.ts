import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { PATIENCE, useCluster, type KubeObject } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { until } from "../setup/exec.ts";
import { InstalledWebhook } from "./installed.ts";

/**
 * A Service that was taken over is served by our EndpointSlice alone. Here the slice leads to a stand-in for an
 * activator, so an answer from the selected pods would show that the selector was in force for a moment.
 */

const cluster = useCluster();
const ON = { "autoscaling.knative.dev/min-scale": "0" };
const STAND_IN = "activator";
let webhook: InstalledWebhook;
let namespace: string;
let client: Client;

beforeAll(async () => {
  webhook = new InstalledWebhook(cluster(), await cluster().freeNamespace());
  await webhook.install();
  const process = await webhook.start();
  await webhook.lead(process.port);
  namespace = await cluster().freeNamespace();
  await webhook.inForce(namespace);
  const pods = ["hello", STAND_IN].map((name) => helloDeployment(name, { replicas: 1 }));
  await cluster().apply(pods, namespace);
  client = await startClient(cluster(), namespace);
  for (const name of ["hello", STAND_IN]) {
    await cluster().kubectl("rollout", "status", `deployment/${name}`, "-n", namespace, "--timeout=60s");
  }
});
afterAll(() => webhook.remove());

const addressOfStandIn = () =>
  until("the stand-in's address", PATIENCE, async () => {
    const pods = await cluster().list<{ status: { podIP?: string } }>("pods", namespace, `app=${STAND_IN}`);
    return pods[0]?.status.podIP;
  });

/** The slice that the autoscaler would write for a Service. */
const publish = async (service: string): Promise<void> => {
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service}-pilotlight`,
      labels: {
        "kubernetes.io/service-name": service,
        "endpointslice.kubernetes.io/managed-by": "pilotlight.dev",
      },
    },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: [{ addresses: [await addressOfStandIn()], conditions: { ready: true } }],
  };
  await cluster().apply([slice], namespace);
};

/** Sends requests to the Service while `change` runs; what came of them. */
const underLoad = async (service: string, change: () => Promise<unknown>) => {
  const url = `http://${service}/`;
  await until(`${service} to answer`, PATIENCE, async () => (await client.fetch({ url })).status);
  const load = await client.load({ url }, 50);
  await change();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { sent, ok, failures, bodies } = await load.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(50);
  expect(ok).toBe(sent);
  return Object.keys(bodies);
};

const serviceOf = (name: string): KubeObject => ({
  ...helloService("hello", { annotations: ON }),
  metadata: { name, annotations: ON },
});

const kept = async (name: string) => {
  const found = await cluster().get<{
    metadata: { annotations: Record<string, string> };
    spec: { selector?: Record<string, string> };
  }>(`service/${name}`, namespace);
  return [found?.spec.selector, found?.metadata.annotations["pilotlight.dev/selector"]];
};

describe("applying the same manifest again, under load", () => {
  const apply = (object: KubeObject, ...flags: string[]) =>
    cluster().kubectlWith([object], "apply", "-n", namespace, ...flags);

  test.each([
    ["kubectl apply", []],
    ["server-side apply", ["--server-side"]],
  ])("%s", async (how, flags) => {
    const name = how.replaceAll(" ", "-");
    await apply(serviceOf(name), ...flags);
    await publish(name);
    const bodies = await underLoad(name, async () => {
      for (let i = 0; i < 10; i++) await apply(serviceOf(name), ...flags);
    });
    expect(bodies).toEqual([expect.stringContaining(`hello from ${STAND_IN}`)]);
    expect(await kept(name)).toEqual([undefined, "app=hello"]);
  });

  test("helm upgrade", async () => {
    const chart = mkdtempSync(join(tmpdir(), "pilotlight-chart-"));
    mkdirSync(join(chart, "templates"));
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    writeFileSync(join(chart, "templates/service.json"), JSON.stringify(serviceOf("helm")));
    const upgrade = () => cluster().helm("upgrade", "--install", "shop", chart, "-n", namespace);
    await upgrade();
    await publish("helm");
    const bodies = await underLoad("helm", async () => {
      for (let i = 0; i < 5; i++) await upgrade();
      await cluster().helm("rollback", "shop", "1", "-n", namespace);
    });
    expect(bodies).toEqual([expect.stringContaining(`hello from ${STAND_IN}`)]);
    expect(await kept("helm")).toEqual([undefined, "app=hello"]);
    rmSync(chart, { recursive: true });
  });
});

test("taking the annotations off, under load: the selected pods join, nothing is lost", async () => {
  await cluster().apply([serviceOf("leaving")], namespace);
  await publish("leaving");
  const bodies = await underLoad("leaving", async () => {
    await cluster().kubectl("annotate", "service/leaving", "-n", namespace, `${Object.keys(ON)[0]}-`);
    await until("a slice of the endpoint controller", PATIENCE, async () => {
      const slices = await cluster().list<{
        metadata: { labels: Record<string, string> };
        endpoints?: unknown[];
      }>(
        "endpointslices",
        namespace,
        "kubernetes.io/service-name=leaving,endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io",
      );
      return (slices[0]?.endpoints ?? []).length > 0 ? true : undefined;
    });
  });
  expect(bodies).toContainEqual(expect.stringContaining(`hello from ${STAND_IN}`));
  expect((await kept("leaving"))[0]).toEqual({ app: "hello" });
});

test("another selector in the manifest, under load: kept, and still nobody but us in the path", async () => {
  await cluster().apply([serviceOf("other")], namespace);
  await publish("other");
  const changed = {
    ...serviceOf("other"),
    spec: { selector: { app: "nobody" }, ports: [{ name: "http", port: 80 }] },
  };
  const bodies = await underLoad("other", () => cluster().apply([changed], namespace));
  expect(bodies).toEqual([expect.stringContaining(`hello from ${STAND_IN}`)]);
  expect(await kept("other")).toEqual([undefined, "app=nobody"]);
});
