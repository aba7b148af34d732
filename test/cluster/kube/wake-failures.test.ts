import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { useCluster, type KubeObject } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { until } from "../setup/exec.ts";
import { install, RoutedService } from "./routing.ts";

const ON = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };

/** What the answer to a request that no pod will ever serve has to say. */
interface Case {
  readonly name: string;
  readonly says: RegExp;
  readonly options?: NonNullable<Parameters<typeof helloDeployment>[1]>;
  readonly before?: (namespace: string) => Promise<unknown>;
}

describe("a workload that cannot start", () => {
  const cluster = useCluster();
  let client: Client;
  let namespace: string;

  beforeAll(async () => {
    await install(cluster());
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  /** The first answer by HTTP: before, the nodes may not know yet where to send it. */
  const answered = (url: string) =>
    until(`an answer of ${url}`, 60_000, async () => {
      const answer = await client.fetch({ url });
      return answer.status === undefined ? undefined : answer;
    });

  const quota: KubeObject = {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "none" },
    spec: { hard: { "count/configmaps": "0", pods: "0" } },
  };

  const cases: Case[] = [
    {
      name: "bad-image",
      says: /ErrImagePull|ImagePullBackOff|ErrImageNeverPull/,
      options: { container: { image: "docker.io/pilotlight-test/no-such:1", imagePullPolicy: "Never" } },
    },
    {
      name: "crashes",
      says: /CrashLoopBackOff/,
      options: { container: { env: [{ name: "PORT", value: "nonsense" }] } },
    },
    {
      name: "too-big",
      says: /Unschedulable.*cpu/s,
      options: { container: { resources: { requests: { cpu: "1000" } } } },
    },
    {
      name: "quota",
      says: /FailedCreate.*quota/s,
      before: async (where) => cluster().apply([quota], where),
    },
    {
      name: "quota-stateful",
      says: /FailedCreate.*quota/s,
      options: { kind: "StatefulSet" },
      before: async (where) => cluster().apply([quota], where),
    },
  ];

  test.each(cases)("$name: 503 with the reason, and soon", async ({ name, says, options, before }) => {
    const own = await cluster().freeNamespace();
    await before?.(own);
    await cluster().apply(
      [helloDeployment(name, options ?? {}), helloService(name, { annotations: ON })],
      own,
    );
    await new RoutedService(cluster(), own, name).routed();
    // Of a pod that crashes Kubernetes itself says so only after its second end.
    const answer = await answered(`http://${name}.${own}/`);
    expect(answer).toMatchObject({ status: 503, body: expect.stringMatching(says) });
    // The request's own time limit would be five minutes.
    expect(answer.ms).toBeLessThan(60_000);
    const again = await answered(`http://${name}.${own}/`);
    expect(again).toMatchObject({ status: 503, body: expect.stringMatching(says) });
  });

  test("no such Deployment: 503 with the reason, and an Event says why", async () => {
    await cluster().apply([helloService("nobody", { annotations: ON })], namespace);
    const service = new RoutedService(cluster(), namespace, "nobody");
    const message = await until("the Event", 60_000, async () => (await service.events())["NoWorkload"]);
    expect(message).toContain("no Deployment or StatefulSet makes pods with the labels app=nobody");
    // The webhook has moved its selector already, so it is answered for; without one it would stay as it is.
    const answer = await answered("http://nobody/");
    expect(answer).toMatchObject({ status: 503, body: expect.stringContaining("app=nobody") });
  });

  test("a Deployment that goes while the Service is routed: 503 with the reason; it comes back and serves", async () => {
    await cluster().apply(
      [helloDeployment("leaves"), helloService("leaves", { annotations: ON })],
      namespace,
    );
    await new RoutedService(cluster(), namespace, "leaves").routed();
    await cluster().kubectl("delete", "deployment", "leaves", "-n", namespace);
    const answer = await answered("http://leaves/");
    expect(answer).toMatchObject({ status: 503, body: expect.stringMatching(/no Deployment/) });
    await cluster().apply([helloDeployment("leaves")], namespace);
    await until("it to answer", 60_000, async () =>
      (await client.fetch({ url: "http://leaves/" })).status === 200 ? true : undefined,
    );
  });

  test("refusals are Events with a remedy, and the Service stays as it is", async () => {
    const headless = { ...helloService("headless", { annotations: ON }) };
    const spec = { ...(headless["spec"] as object), clusterIP: "None" };
    const hpa = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "mine" },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
        maxReplicas: 2,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          },
        ],
      },
    };
    await cluster().apply(
      [
        helloDeployment("scaled", { replicas: 1 }),
        hpa,
        helloService("scaled", { annotations: ON }),
        helloDeployment("twice"),
        helloService("twice", { annotations: ON }),
        helloDeployment("headless"),
      ],
      namespace,
    );
    await cluster().apply([{ ...headless, spec }], namespace);
    const alone = new RoutedService(cluster(), namespace, "headless");
    expect(await until("the Event", 60_000, async () => (await alone.events())["CannotRoute"])).toMatch(
      /headless/,
    );
    const scaled = new RoutedService(cluster(), namespace, "scaled");
    const message = await until(
      "the Event",
      60_000,
      async () => (await scaled.events())["HorizontalPodAutoscaler"],
    );
    expect(message).toMatch(/mine.*delete it/);
    expect((await scaled.slices()).ours).toEqual([]);

    await new RoutedService(cluster(), namespace, "twice").routed();
    const second = helloService("second", { annotations: ON });
    await cluster().apply(
      [{ ...second, spec: { selector: { app: "twice" }, ports: [{ port: 80 }] } }],
      namespace,
    );
    const shared = new RoutedService(cluster(), namespace, "second");
    expect(await until("the Event", 60_000, async () => (await shared.events())["WorkloadShared"])).toContain(
      "twice",
    );
  });
});
