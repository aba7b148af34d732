import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client, type LoadSummary } from "../client.ts";
import { PATIENCE, useCluster } from "../cluster.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { until } from "../setup/exec.ts";
import { SYSTEM } from "../setup/product.ts";
import { install, untilReplicas, untilRolledOut, untilTakenOver } from "./pilotlight.ts";

/** How long the API server stays away. */
const OUTAGE_MS = 30_000;
const RATE = 50;
const ACTIVATORS = "app.kubernetes.io/component=activator";

const LOST_CONNECTION = /EOF|connection reset|connection refused|broken pipe/;

interface PodView {
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/** The ids of processes whose command line contains `text`; the tests share the cluster's processes. */
const processesOf = (text: string): number[] =>
  readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return line.includes(text) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });

/** How often each thing went wrong. */
const whats = (sum: LoadSummary): Record<string, number> =>
  Object.fromEntries(
    Object.entries(
      Object.groupBy(sum.failures, ({ what }) => what.replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, "…")),
    ).map(([what, failures]) => [what, failures!.length]),
  );

describe("under constant load no request is lost", () => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;

  beforeAll(async () => {
    await install(cluster());
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
  });

  const deployAwake = async (
    name: string,
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const own = { "autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/window": "6s" };
    const objects = [
      // As any server should, it goes on accepting for a while after it was told to end.
      helloDeployment(name, { replicas: 1, env: { DRAIN_MS: "3000" } }),
      helloService(name, { annotations: { ...own, ...annotations } }),
    ];
    await cluster().apply(objects, namespace);
    await untilTakenOver(cluster(), namespace, name);
    await until(`${name} to answer`, PATIENCE, async () => {
      const { status } = await client.fetch({ url: `http://${name}/` });
      return status === 200 ? true : undefined;
    });
  };

  /** Loads the Service while `disturb` runs; returns what became of the requests. */
  const loadDuring = async (name: string, disturb: () => Promise<unknown>) => {
    const load = await client.load({ url: `http://${name}/?sleep=20` }, RATE);
    await disturb();
    const sum = await load.stop();
    expect(sum.sent).toBeGreaterThan(RATE);
    return sum;
  };

  const activators = async (): Promise<string[]> => {
    const pods = await cluster().list<{ metadata: { name: string } }>("pods", SYSTEM, ACTIVATORS);
    return pods.map(({ metadata }) => metadata.name);
  };

  /** How often containers of activators were started again. */
  const restarts = async (): Promise<number> => {
    const pods = await cluster().list<PodView>("pods", SYSTEM, ACTIVATORS);
    return pods.reduce((sum, { status }) => sum + (status.containerStatuses?.[0]?.restartCount ?? 0), 0);
  };

  const untilPods = (wanted: (names: string[]) => boolean): Promise<true> =>
    until("the activators that are wanted", 2 * PATIENCE, async () =>
      wanted(await activators()) ? true : undefined,
    );

  test("while the activators are replaced", async () => {
    await deployAwake("rollout");
    const before = await activators();
    const sum = await loadDuring("rollout", async () => {
      await cluster().kubectl("rollout", "restart", "deployment/pilotlight-activator", "-n", SYSTEM);
      await untilRolledOut(cluster(), "activator");
      // The old ones serve on for a while; only when they have ended is it seen whether they ended well.
      await untilPods((names) => names.every((name) => !before.includes(name)));
    });
    expect(sum.failures).toEqual([]);
  });

  test("but for those that an activator had in its hands when it was killed", async (context) => {
    if (!cluster().isInside) return context.skip("only processes of our own cluster may be killed");
    await deployAwake("crash");
    let died = 0;
    const sum = await loadDuring("crash", async () => {
      const [victim] = processesOf("/app/cli/main.js activator");
      process.kill(victim!, "SIGKILL");
      died = Date.now();
      await until("its end to be noticed", PATIENCE, async () => (await restarts()) > 0 || undefined);
      await untilRolledOut(cluster(), "activator");
      await sleep(2000);
    });
    const last = Math.max(0, ...sum.failures.map(({ at }) => Date.parse(at) - died));
    console.log(`an activator's death: ${sum.failures.length} of ${sum.sent} requests failed`, whats(sum));
    console.log(
      `the last of them was sent ${last} ms after it: until the nodes know that its address is withdrawn`,
    );
    // A connection to it is lost, and new ones are refused until then: nobody can take those over.
    for (const { what } of sum.failures) expect(what).toMatch(LOST_CONNECTION);
    expect(sum.ok).toBeGreaterThan(sum.failures.length);
  });

  test("while every autoscaler is killed; the next one scales again", async () => {
    await deployAwake("headless", { "autoscaling.knative.dev/target": "5" });
    const sum = await loadDuring("headless", async () => {
      const pods = ["pods", "-n", SYSTEM, "-l", "app.kubernetes.io/component=autoscaler"];
      await cluster().kubectl("delete", ...pods, "--grace-period=0", "--force");
      await untilRolledOut(cluster(), "autoscaler");
    });
    expect(sum.failures).toEqual([]);
    const heavy = await client.load({ url: "http://headless/?sleep=200" }, 60);
    await untilReplicas(cluster(), namespace, "headless", (n) => n >= 2);
    expect((await heavy.stop()).failures).toEqual([]);
  });

  test("while the API server is away for 30 seconds", async (context) => {
    if (!cluster().isInside) return context.skip("only our own cluster's components may be killed");
    await deployAwake("outage");
    const sum = await loadDuring("outage", async () => {
      await cluster().kill("kube-apiserver");
      await sleep(OUTAGE_MS);
      await cluster().restart("kube-apiserver");
      await until("the API server", PATIENCE, () =>
        cluster()
          .kubectl("get", "--raw=/readyz")
          .catch(() => undefined),
      );
    });
    // Kubernetes's own back-off after an outage can last longer than the tests that follow wait for a new Service.
    await cluster().kill("kube-proxy");
    await cluster().restart("kube-proxy");
    await cluster().apply([helloDeployment("after-outage", { replicas: 1 })], namespace);
    const available = ["--for=condition=Available", "deployment/after-outage", "--timeout=120s"];
    await cluster().kubectl("wait", ...available, "-n", namespace);
    expect(sum.failures).toEqual([]);
    expect(sum.sent).toBeGreaterThan((RATE * OUTAGE_MS) / 1000 / 2);
  });

  test("while its pods are moved away one by one, as a drain does", async () => {
    await deployAwake("drained", { "autoscaling.knative.dev/min-scale": "3" });
    await untilReplicas(cluster(), namespace, "drained", (n) => n === 3);
    const sum = await loadDuring("drained", async () => {
      const pods = await cluster().list<{ metadata: { name: string } }>("pods", namespace, "app=drained");
      for (const { metadata } of pods) {
        await cluster().kubectl("delete", "pod", metadata.name, "-n", namespace, "--ignore-not-found");
        await cluster().kubectl("wait", "--for=condition=Available", "deployment/drained", "-n", namespace);
      }
    });
    expect(sum.failures).toEqual([]);
  });
});
