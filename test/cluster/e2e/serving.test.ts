import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { useCluster } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { SOON_AT_ZERO } from "../setup/product.ts";
import { install, untilReplicas, untilTakenOver } from "./pilotlight.ts";

const AUTOSCALED = {
  "autoscaling.knative.dev/min-scale": "0",
  "autoscaling.knative.dev/max-scale": "4",
  "autoscaling.knative.dev/target": "5",
  "autoscaling.knative.dev/window": "6s",
};

interface ServiceView {
  readonly spec: {
    readonly clusterIP: string;
    readonly ports: readonly { readonly nodePort?: number }[];
  };
}

describe("a Service at zero", () => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;

  beforeAll(async () => {
    await install(cluster(), ...SOON_AT_ZERO);
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  const deploy = async (name: string, changes: object = {}): Promise<ServiceView> => {
    const service = helloService(name, { annotations: AUTOSCALED });
    const spec = { ...(service["spec"] as object), ...changes };
    await cluster().apply([helloDeployment(name), { ...service, spec }], namespace);
    await untilTakenOver(cluster(), namespace, name);
    return (await cluster().get<ServiceView>(`service/${name}`, namespace))!;
  };

  test("answers its first request, scales under load without losing one, and goes back to zero", async () => {
    const { spec } = await deploy("hello");
    const first = await client.fetch({ url: `http://${spec.clusterIP}/` });
    expect(first).toMatchObject({ status: 200, body: expect.stringMatching(/^hello from hello-/) });

    const load = await client.load({ url: "http://hello/?sleep=200" }, 60);
    expect(await untilReplicas(cluster(), namespace, "hello", (n) => n >= 2)).toBeLessThanOrEqual(4);
    const sum = await load.stop();
    expect(sum.failures).toEqual([]);
    expect(sum.ok).toBe(sum.sent);
    expect(Object.keys(sum.bodies).length).toBeGreaterThan(1);

    await untilReplicas(cluster(), namespace, "hello", (n) => n === 0);
    expect((await client.fetch({ url: "http://hello/" })).status).toBe(200);
  });

  test.each([
    ["its short name", (name: string) => ({ url: `http://${name}/` })],
    ["its full name", (name: string) => ({ url: `http://${name}.${namespace}.svc.cluster.local/` })],
    ["any Host header", (name: string) => ({ url: `http://${name}/`, headers: { Host: "shop.example" } })],
  ])("wakes by %s", async (how, request) => {
    const name = `by-${how.replaceAll(" ", "-").toLowerCase()}`;
    await deploy(name);
    expect(await client.fetch(request(name))).toMatchObject({
      status: 200,
      body: expect.stringContaining(`from ${name}-`),
    });
  });

  test("wakes by its cluster address and by its NodePort", async () => {
    const byAddress = await deploy("by-address");
    expect((await client.fetch({ url: `http://${byAddress.spec.clusterIP}/` })).status).toBe(200);
    const { spec } = await deploy("by-node-port", { type: "NodePort" });
    const [node] = await cluster().list<{ status: { addresses: { type: string; address: string }[] } }>(
      "nodes",
      "default",
    );
    const { address } = node!.status.addresses.find(({ type }) => type === "InternalIP")!;
    const answer = await client.fetch({ url: `http://${address}:${spec.ports[0]!.nodePort}/` });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining("from by-node-port-") });
  });

  test("the pod sees the request's own Host and path", async () => {
    await deploy("echo");
    const answer = await client.fetch({ url: "http://echo/headers?a=b", headers: { Host: "shop.example" } });
    expect(answer.body).toMatch(/^GET \/headers\?a=b HTTP\/1\.1\nHost: shop\.example\n/);
  });
});
