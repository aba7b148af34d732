import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { useCluster } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { until } from "../setup/exec.ts";
import { SOON_AT_ZERO } from "../setup/product.ts";
import { install, RoutedService } from "./routing.ts";

const RATE = 100;
const ON = ["autoscaling.knative.dev/min-scale=0", "autoscaling.knative.dev/window=6s"];
const OFF = ["autoscaling.knative.dev/min-scale-", "autoscaling.knative.dev/window-"];
const MINUTE = 60_000;

describe.each([
  ["the webhook moves selectors at once", [...SOON_AT_ZERO, "webhook.enabled=true"]],
  ["without a webhook the autoscaler does", [...SOON_AT_ZERO, "webhook.enabled=false"]],
])("under constant load, nobody is refused (%s)", (_, values) => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;

  beforeAll(async () => {
    await install(cluster(), ...values);
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  const deploy = async (name: string, replicas = 2): Promise<RoutedService> => {
    await cluster().apply(
      [helloDeployment(name, { replicas, env: { DRAIN_MS: "3000" } }), helloService(name)],
      namespace,
    );
    const where = ["-n", namespace, "--timeout=60s"];
    await cluster().kubectl("wait", "--for=condition=Available", `deployment/${name}`, ...where);
    await answers(`http://${name}/`);
    return new RoutedService(cluster(), namespace, name);
  };

  const answers = (url: string): Promise<true> =>
    until(`${url} to answer`, MINUTE, async () =>
      (await client.fetch({ url })).status === 200 ? true : undefined,
    );

  const loadDuring = async (name: string, disturb: () => Promise<unknown>) => {
    const load = await client.load({ url: `http://${name}/?sleep=5` }, RATE);
    try {
      await disturb();
    } finally {
      const sum = await load.stop();
      expect(sum.failures.slice(0, 5)).toEqual([]);
      expect(sum.failures.length).toBe(0);
      expect(sum.ok).toBeGreaterThan(RATE);
    }
  };

  test("annotated and taken off again, it equals the original", async () => {
    const service = await deploy("back-and-forth");
    const original = await service.manifest();
    await loadDuring("back-and-forth", async () => {
      await service.annotate(...ON);
      await service.routed();
      await service.annotate(...OFF);
      await service.givenBack();
    });
    expect(await service.manifest()).toEqual(original);
    expect(await service.replicas()).toBeGreaterThanOrEqual(2);
    expect(await service.events()).toHaveProperty("GivenBack");
  });

  test("its ports change: another number, another name, one more, one less", async () => {
    const service = await deploy("ports");
    await service.annotate(...ON);
    await service.routed();
    const port = { name: "http", port: 80, targetPort: 8080 };
    await loadDuring("ports", async () => {
      await service.patch({ spec: { ports: [port, { name: "more", port: 81, targetPort: 8080 }] } });
      await answers("http://ports:81/");
      await service.patch({ spec: { ports: [port] } });
      await service.routed();
    });
    // A port that is renamed or moves is another port for kube-proxy: there is a moment without it for anybody.
    await service.patch({ spec: { ports: [{ ...port, name: "web", port: 8000 }] } });
    await answers("http://ports:8000/");
  });

  test("its selector changes: other pods answer, and are woken if they must", async () => {
    const service = await deploy("blue");
    await cluster().apply([helloDeployment("green")], namespace);
    await service.annotate(...ON);
    await service.routed();
    await loadDuring("blue", async () => {
      await service.patch({ spec: { selector: { app: "green" } } });
      await until("green to answer", MINUTE, async () => {
        const { body } = await client.fetch({ url: "http://blue/" });
        return body?.startsWith("hello from green-") ? true : undefined;
      });
      await service.routed();
    });
  });

  test("the same manifest is applied again and again, as GitOps does", async () => {
    const service = await deploy("gitops");
    const manifest = helloService("gitops", { annotations: { "autoscaling.knative.dev/min-scale": "1" } });
    await cluster().apply([manifest], namespace);
    await service.routed();
    await loadDuring("gitops", async () => {
      for (let i = 0; i < 4; i++) {
        await cluster().apply([manifest], namespace);
        await service.routed();
      }
    });
  });

  test("uninstalled and installed again", async () => {
    const service = await deploy("reinstalled");
    await service.annotate(...ON);
    const before = (await service.get()).metadata.annotations;
    await service.routed();
    await loadDuring("reinstalled", async () => {
      await cluster().uninstall();
      const { ours } = await service.slices();
      expect(ours).toEqual([]);
      expect((await service.get()).spec.selector).toEqual({ app: "reinstalled" });
      expect((await service.get()).metadata.annotations).toEqual({
        ...before,
        "pilotlight.dev/selector": undefined,
      });
      await install(cluster(), ...values);
      await service.routed();
    });
  });

  test("at zero it is given back with the pods that it had, and answers all the time", async () => {
    const service = await deploy("asleep", 3);
    await service.annotate(...ON);
    await service.routed();
    await until("it to be at zero", 2 * MINUTE, async () =>
      (await service.replicas()) === 0 ? true : undefined,
    );
    await loadDuring("asleep", async () => {
      await service.annotate(...OFF);
      await service.givenBack();
    });
    expect(await service.replicas()).toBe(3);
  });

  test("deleted, it leaves nothing behind", async () => {
    const service = await deploy("deleted");
    await service.annotate(...ON);
    await service.routed();
    await cluster().kubectl("delete", "service", "deleted", "-n", namespace);
    await until("its objects to go", MINUTE, async () => {
      const { ours, others } = await service.slices();
      const left = await cluster().get("service/deleted-private", namespace);
      return ours.length + others.length === 0 && left === undefined ? true : undefined;
    });
  });
});
