import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { useCluster } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { until } from "../setup/exec.ts";
import { SYSTEM } from "../setup/product.ts";
import { install, RoutedService } from "./routing.ts";

const MINUTE = 60_000;
const ON = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

describe("what can be scaled and served", () => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;

  beforeAll(async () => {
    await install(cluster());
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  const answered = (url: string) =>
    until(`an answer of ${url}`, MINUTE, async () => {
      const answer = await client.fetch({ url });
      return answer.status === 200 ? answer : undefined;
    });

  test("a StatefulSet wakes", async () => {
    const service = helloService("stateful", { annotations: ON });
    await cluster().apply([helloDeployment("stateful", { kind: "StatefulSet" }), service], namespace);
    expect((await answered("http://stateful/")).body).toBe("hello from stateful-0\n");
  });

  test("a workload that was scaled to 0 by hand wakes like any other", async () => {
    const service = helloService("by-hand", { annotations: ON });
    await cluster().apply([helloDeployment("by-hand", { replicas: 1 }), service], namespace);
    await answered("http://by-hand/");
    await cluster().kubectl("scale", "deployment/by-hand", "--replicas=0", "-n", namespace);
    expect((await client.fetch({ url: "http://by-hand/" })).status).toBe(200);
  });

  test("bytes that are no HTTP for us pass through as they are", async () => {
    const service = helloService("raw", { annotations: { ...ON, "pilotlight.dev/protocol": "tcp" } });
    await cluster().apply([helloDeployment("raw"), service], namespace);
    const answer = await answered("http://raw/headers");
    // Nobody on the way has read the request: nothing was added to it.
    expect(answer.body).not.toMatch(/forwarded/i);
  });

  test("the front port finds a Service by Knative's headers and by its host name", async () => {
    const service = helloService("front", { annotations: ON });
    await cluster().apply([helloDeployment("front"), service], namespace);
    await new RoutedService(cluster(), namespace, "front").routed();
    const url = `http://pilotlight-activator.${SYSTEM}/`;
    const byHeaders = { "Knative-Serving-Namespace": namespace, "Knative-Serving-Revision": "front" };
    for (const headers of [byHeaders, { Host: `front.${namespace}.svc.cluster.local` }]) {
      const answer = await client.fetch({ url, headers });
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining("hello from front-") });
    }
    expect((await client.fetch({ url, headers: { Host: "nobody.example" } })).status).toBe(404);
  });

  test("a Service wakes though no autoscaler is there", async () => {
    const service = helloService("alone", { annotations: ON });
    await cluster().apply([helloDeployment("alone"), service], namespace);
    await new RoutedService(cluster(), namespace, "alone").routed();
    const scale = (n: number) =>
      cluster().kubectl("scale", "deployment/pilotlight-autoscaler", `--replicas=${n}`, "-n", SYSTEM);
    await scale(0);
    await cluster().kubectl(
      "wait",
      "-n",
      SYSTEM,
      "--for=delete",
      "pod",
      "-l",
      "app.kubernetes.io/component=autoscaler",
      "--timeout=60s",
    );
    expect((await answered("http://alone/")).body).toContain("hello from alone-");
    await scale(2);
    await cluster().kubectl("rollout", "status", "deployment/pilotlight-autoscaler", "-n", SYSTEM);
  });

  test("a hard limit per pod: no more activators than pods", async () => {
    const annotations = {
      ...ON,
      "autoscaling.knative.dev/max-scale": "1",
      "pilotlight.dev/container-concurrency": "1",
    };
    await cluster().apply([helloDeployment("limited"), helloService("limited", { annotations })], namespace);
    const service = new RoutedService(cluster(), namespace, "limited");
    await service.routed();
    await answered("http://limited/");
    expect((await service.slices()).ours.map(({ endpoints }) => endpoints!.length)).toEqual([1]);
    const two = ["autoscaling.knative.dev/min-scale=2", "autoscaling.knative.dev/max-scale=2"];
    await service.annotate("--overwrite", ...two);
    await until("a second activator", MINUTE, async () => {
      const { ours } = await service.slices();
      return ours[0]!.endpoints!.length === 2 ? true : undefined;
    });
  });

  test("class hpa: a HorizontalPodAutoscaler of the Service's name, for as long as it is asked for", async () => {
    const annotations = {
      "autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric": "cpu",
      "autoscaling.knative.dev/target": "70",
      "autoscaling.knative.dev/max-scale": "3",
    };
    await cluster().apply(
      [helloDeployment("by-cpu", { replicas: 1 }), helloService("by-cpu", { annotations })],
      namespace,
    );
    const get = () => cluster().get<{ spec: { maxReplicas: number } }>("hpa/by-cpu", namespace);
    expect((await until("the HPA", MINUTE, get)).spec).toMatchObject({
      scaleTargetRef: { kind: "Deployment", name: "by-cpu" },
      maxReplicas: 3,
    });
    const service = new RoutedService(cluster(), namespace, "by-cpu");
    await service.annotate("--overwrite", "autoscaling.knative.dev/max-scale=4");
    await until("the change", MINUTE, async () => ((await get())?.spec.maxReplicas === 4 ? true : undefined));
    await service.annotate(
      "--overwrite",
      "autoscaling.knative.dev/class=kpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric=concurrency",
    );
    await until("its end", MINUTE, async () => ((await get()) === undefined ? true : undefined));
  });

  test("the idle pod goes first, and the long request of the other one is answered", async () => {
    const annotations = { ...ON, "autoscaling.knative.dev/min-scale": "2" };
    const options = { replicas: 2, env: { DRAIN_MS: "1000" } };
    await cluster().apply(
      [helloDeployment("idle", options), helloService("idle", { annotations })],
      namespace,
    );
    const service = new RoutedService(cluster(), namespace, "idle");
    await service.routed();
    await answered("http://idle/");
    const pods = async () =>
      (await cluster().list<Pod>("pods", namespace, "app=idle")).filter(
        ({ metadata }) => metadata.deletionTimestamp === undefined,
      );
    await until("two pods", MINUTE, async () => ((await pods()).length === 2 ? true : undefined));
    const long = client.fetch({ url: "http://idle/?sleep=45000" });
    await service.annotate("--overwrite", "autoscaling.knative.dev/min-scale=1");
    const [left] = await until("one pod to go", MINUTE, async () => {
      const now = await pods();
      return now.length === 1 ? now : undefined;
    });
    const answer = await long;
    expect(answer).toMatchObject({ status: 200, body: `hello from ${left!.metadata.name}\n` });
    expect(left!.metadata.annotations).toMatchObject({ "controller.kubernetes.io/pod-deletion-cost": "1" });
  });
});
