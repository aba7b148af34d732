import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { PATIENCE, useCluster, type KubeObject } from "../cluster.ts";
import { install, untilReplicas, untilTakenOver } from "../e2e/pilotlight.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { exec, until } from "../setup/exec.ts";
import { SOON_AT_ZERO, SYSTEM } from "../setup/product.ts";

/** The webhook as the chart runs it, beside the activators and the autoscaler. */

const ON = {
  "autoscaling.knative.dev/min-scale": "0",
  "autoscaling.knative.dev/max-scale": "2",
  "autoscaling.knative.dev/window": "6s",
};

interface Service {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly spec: { readonly selector?: Record<string, string> };
}

describe("the whole of Pilotlight", () => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;

  beforeAll(async () => {
    await install(cluster(), ...SOON_AT_ZERO);
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  const serviceOf = (name: string, annotations: Record<string, string> = ON): KubeObject =>
    helloService(name, { annotations });
  const apply = (object: KubeObject, ...flags: string[]) =>
    cluster().kubectlWith([object], "apply", "-n", namespace, ...flags);
  const read = (name: string) => cluster().get<Service>(`service/${name}`, namespace);

  const deployed = async (name: string): Promise<void> => {
    await cluster().apply([helloDeployment(name), serviceOf(name)], namespace);
    await untilTakenOver(cluster(), namespace, name);
    expect((await client.fetch({ url: `http://${name}/` })).status).toBe(200);
  };

  const underLoad = async (name: string, change: () => Promise<unknown>): Promise<void> => {
    const load = await client.load({ url: `http://${name}/` }, 20);
    await change();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { sent, ok, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(ok).toBe(sent);
  };

  test("a bad Service is refused by the webhook in its pods", async () => {
    const bad = serviceOf("bad", { "autoscaling.knative.dev/min-scale": "-1" });
    await expect(apply(bad)).rejects.toThrow("validation failed: expected 0 <= -1 <= 2147483647");
  });

  test("the manifest applied again and again, under load, loses no request and ends in the same state", async () => {
    await deployed("again");
    await underLoad("again", async () => {
      for (const flags of [[], ["--server-side"], [], ["--server-side"], []]) {
        await apply(serviceOf("again"), ...flags);
        const { metadata, spec } = (await read("again"))!;
        expect(spec.selector).toBeUndefined();
        expect(metadata.annotations).toMatchObject({ "pilotlight.dev/selector": "app=again" });
      }
    });
  });

  test("taken off at zero, under load: given back whole, and no request is lost", async () => {
    await deployed("off");
    await untilReplicas(cluster(), namespace, "off", (n) => n === 0);
    await underLoad("off", async () => {
      await apply(serviceOf("off", {}));
      await until("the Service to be as it was", PATIENCE, async () => {
        const { metadata, spec } = (await read("off"))!;
        const ours = await cluster().list(
          "endpointslices",
          namespace,
          "kubernetes.io/service-name=off,endpointslice.kubernetes.io/managed-by=pilotlight.dev",
        );
        const back =
          spec.selector?.["app"] === "off" && metadata.annotations?.["pilotlight.dev/selector"] === undefined;
        return back && ours.length === 0 ? true : undefined;
      });
    });
  });

  test("what pilotlight restore gives back is not moved again", async () => {
    await deployed("restored");
    const argv = [
      process.execPath,
      resolve("cli/main.ts"),
      "restore",
      `${namespace}/restored`,
      "--stop-autoscaler",
      "pilotlight-autoscaler",
    ];
    const env = { KUBECONFIG: cluster().kubeconfig, PILOTLIGHT_NAMESPACE: SYSTEM };
    await exec(argv, { env });
    const { metadata, spec } = (await read("restored"))!;
    expect(spec.selector).toEqual({ app: "restored" });
    expect(metadata.annotations).not.toHaveProperty(["pilotlight.dev/selector"]);
  });
});
