import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { PATIENCE, useCluster, type KubeObject } from "./cluster.ts";
import { startClient } from "./client.ts";
import { helloDeployment, helloService } from "./objects.ts";
import { until } from "./setup/exec.ts";

const cluster = useCluster();

interface Pods {
  readonly status: { readonly podIP?: string };
}

test("a Service's name, address and pods answer from inside", async () => {
  const namespace = await cluster().freeNamespace();
  await cluster().apply([helloDeployment("hello", { replicas: 1 }), helloService("hello")], namespace);
  const client = await startClient(cluster(), namespace);
  const service = await cluster().get<{ spec: { clusterIP: string } }>("service/hello", namespace);
  const names = [
    "hello",
    `hello.${namespace}`,
    `hello.${namespace}.svc.cluster.local`,
    service!.spec.clusterIP,
  ];
  await cluster().kubectl(
    "wait",
    "-n",
    namespace,
    "--for=condition=Available",
    "deployment/hello",
    "--timeout=60s",
  );
  for (const name of names) {
    const url = `http://${name}/`;
    const answer = await until(`an answer of ${url}`, PATIENCE, async () => {
      const answer = await client.fetch({ url });
      return answer.status === undefined ? undefined : answer;
    });
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^hello from hello-/) });
  }
});

/** What became of a connection from a port of our own: "connected", "silence" after `ms`, or an error's code. */
const connectFrom = (localPort: number, host: string, ms: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: 80, localPort });
    const end = (what: string) => {
      socket.destroy();
      resolve(what);
    };
    socket.setTimeout(ms, () => end("silence"));
    socket.once("connect", () => end("connected"));
    socket.once("error", (error: Error & { readonly code: string }) => end(error.code));
  });

test("who came too early for a Service finds it later, from the same port too", async (context) => {
  if (!cluster().isInside) return context.skip("the address is one of our own cluster's");
  const namespace = await cluster().freeNamespace();
  const api = await cluster().get<{ subsets: { addresses: { ip: string }[]; ports: { port: number }[] }[] }>(
    "endpoints/kubernetes",
    "default",
  );
  const [{ addresses, ports }] = api!.subsets as [{ addresses: { ip: string }[]; ports: { port: number }[] }];
  // Below those that the system itself gives to connections, and to NodePorts.
  const port = randomInt(20_000, 30_000);
  const clusterIP = "198.18.143.99";
  expect(await connectFrom(port, clusterIP, 500)).toBe("silence");
  const metadata = { name: "late", labels: { "kubernetes.io/service-name": "late" } };
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata,
    addressType: "IPv4",
    ports: [{ name: "", port: ports[0]!.port }],
    endpoints: [{ addresses: [addresses[0]!.ip] }],
  };
  const service = { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP, ports: [{ port: 80 }] } };
  await cluster().apply([slice, service], namespace);
  const other = () => connectFrom(0, clusterIP, 1000);
  await until("kube-proxy to know it", PATIENCE, async () => (await other()) === "connected" || undefined);
  expect(await connectFrom(port, clusterIP, PATIENCE)).toBe("connected");
});

test("a load counts what it sent and what came back", async () => {
  const namespace = await cluster().freeNamespace();
  await cluster().apply([helloDeployment("hello", { replicas: 1 })], namespace);
  const client = await startClient(cluster(), namespace);
  const ip = await until("the pod's address", PATIENCE, async () => {
    const [pod] = await cluster().list<Pods>("pods", namespace, "app=hello");
    return pod?.status.podIP;
  });
  const url = (query: string): string => `http://${ip}:8080/${query}`;
  await until("the pod to answer", PATIENCE, async () => (await client.fetch({ url: url("") })).status);
  const good = await client.load({ url: url("") }, 100);
  const bad = await client.load({ url: url("?status=500") }, 100);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const sums = { good: await good.stop(), bad: await bad.stop() };
  expect(sums.good.failures).toEqual([]);
  expect(sums.good.ok).toBeGreaterThan(0);
  expect(sums.bad.ok).toBe(0);
  expect(sums.bad.failures).toHaveLength(sums.bad.sent);
});

test("RBAC is on: a ServiceAccount may not do what no role allows it", async () => {
  const namespace = await cluster().freeNamespace();
  const can = (...words: string[]): Promise<string> =>
    cluster()
      .kubectl("auth", "can-i", ...words, "-n", namespace, `--as=system:serviceaccount:${namespace}:default`)
      .catch((error: Error) => error.message);
  expect(await can("list", "secrets")).toMatch(/no/);
  await cluster().kubectl("create", "role", "reader", "-n", namespace, "--verb=list", "--resource=secrets");
  const subject = `--serviceaccount=${namespace}:default`;
  await cluster().kubectl("create", "rolebinding", "reader", "-n", namespace, "--role=reader", subject);
  expect(
    await until("the role to be seen", PATIENCE, async () => /yes/.exec(await can("list", "secrets"))),
  ).toBeTruthy();
});

test("what a container writes can be read, and commands run in it", async () => {
  const namespace = await cluster().freeNamespace();
  await startClient(cluster(), namespace);
  expect(await cluster().kubectl("logs", "client", "-n", namespace)).toBe("");
  await expect(cluster().kubectl("exec", "client", "-n", namespace, "--", "/nothing")).rejects.toThrow(
    /no such file/,
  );
});

test("the kubeconfig's authority is the API server's own", async () => {
  const config = JSON.parse(await cluster().kubectl("config", "view", "--raw", "-o", "json")) as {
    clusters: { cluster: KubeObject }[];
  };
  expect(config.clusters[0]!.cluster["insecure-skip-tls-verify"]).toBeUndefined();
  expect(await cluster().kubectl("get", "--raw=/readyz")).toBe("ok");
});

test("the API server can be killed and comes back with everything in it", async (context) => {
  if (!cluster().isInside) return context.skip("only our own cluster's components may be killed");
  const namespace = await cluster().freeNamespace();
  await cluster().kill("kube-apiserver");
  await expect(cluster().kubectl("get", "--raw=/readyz")).rejects.toThrow(/refused/);
  await cluster().restart("kube-apiserver");
  const phase = await until("the namespace to be read again", PATIENCE, () =>
    cluster()
      .kubectl("get", "namespace", namespace, "-o=jsonpath={.status.phase}")
      .catch(() => undefined),
  );
  expect(phase).toBe("Active");
});
