/** The part that runs inside the cluster's network: `node inside.ts RATE SECONDS STARTS`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "#core/clock.ts";
import { createKubeClient, type KubeClient } from "#core/kube/client.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { TestCluster } from "../../test/cluster/cluster.ts";
import { readOptions } from "../../test/cluster/options.ts";
import { accessCluster } from "../../test/cluster/setup/access.ts";
import { InstalledWebhook, type WebhookProcess } from "../../test/cluster/webhook/installed.ts";
import { distribution } from "../report/distribution.ts";

const [rate = 50, seconds = 20, starts = 10] = process.argv.slice(2).map(Number);
const APP = resolve("dist/image/app");
/** What the Containerfile says. */
const PROGRAM = [`${APP}/cli/main.js`, "webhook"];
const ENV = {
  NODE_ENV: "production",
  NODE_COMPILE_CACHE: `${APP}/code-cache`,
  NODE_COMPILE_CACHE_PORTABLE: "1",
};

interface Service {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly spec: { readonly selector?: Record<string, string> };
}

const serviceOf = (name: string, annotations: Record<string, string>) => ({
  metadata: { name, annotations },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

/** Kinds of Services that are interleaved; each is a dry run, so that nothing piles up. */
const contestants: Readonly<Record<string, Record<string, string>>> = {
  "no annotation: not asked about": {},
  "annotated: changed and checked": {
    "autoscaling.knative.dev/min-scale": "0",
    "autoscaling.knative.dev/max-scale": "10",
    "autoscaling.knative.dev/window": "60s",
    "pilotlight.dev/timeout-seconds": "60",
  },
};

const create = (client: KubeClient, namespace: string, service: object): Promise<Service> =>
  client.call({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/services`,
    query: { dryRun: "All" },
    body: service,
  });

const checkAnswers = async (client: KubeClient, namespace: string): Promise<void> => {
  const annotated = await create(
    client,
    namespace,
    serviceOf("check", contestants["annotated: changed and checked"]!),
  );
  if (annotated.metadata.annotations?.["pilotlight.dev/selector"] !== "app=check")
    throw new Error("the selector was not moved");
  const plain = await create(client, namespace, serviceOf("check", {}));
  if (plain.spec.selector?.["app"] !== "check") throw new Error("a Service of somebody else was changed");
  const bad = serviceOf("check", { "autoscaling.knative.dev/min-scale": "x" });
  const refused = await create(client, namespace, bad).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error("a bad Service was let in");
};

/** Requests at fixed times, whatever became of those before; a wait in a queue counts. */
const load = async (client: KubeClient, namespace: string): Promise<Map<string, number[]>> => {
  const names = Object.keys(contestants);
  const took = new Map(names.map((name) => [name, [] as number[]]));
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (let i = 0; i < rate * seconds; i++) {
    const due = began + (i * 1000) / rate;
    await sleep(Math.max(0, due - performance.now()));
    const name = names[i % names.length]!;
    const done = create(client, namespace, serviceOf(`bench-${i}`, contestants[name]!));
    running.push(done.then(() => void took.get(name)!.push(performance.now() - due)));
  }
  await Promise.all(running);
  return took;
};

const memoryOf = ({ pid }: WebhookProcess): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024) / 1e6;
};

/** The webhook's own share by path, from its histogram: from a request's head to its answer. */
const ownTime = async (process: WebhookProcess): Promise<Map<string, number>> => {
  const text = await process.metrics();
  const value = (name: string, path: string): number =>
    Number(new RegExp(`^${name}{path="${path}"} (\\S+)$`, "m").exec(text)?.[1]);
  const name = "pilotlight_webhook_review_seconds";
  return new Map(
    ["/admit-service/mutate", "/admit-service/validate"].map((path) => [
      path,
      (value(`${name}_sum`, path) / value(`${name}_count`, path)) * 1000,
    ]),
  );
};

const line = (name: string, values: readonly number[], unit: string): void => {
  const { n, p50, p95, p99, max } = distribution(values);
  const cells = [p50, p95, p99, max].map((value) => value.toFixed(1).padStart(9));
  console.log(`${name.padEnd(44)}${String(n).padStart(6)}${cells.join("")}  ${unit}`);
};

const { options } = readOptions([], process.env);
const cluster = new TestCluster(await accessCluster(options), options.name);
const webhook = new InstalledWebhook(cluster, await cluster.freeNamespace());
const access = await kubeconfigAccess(cluster.kubeconfig, { clock: systemClock });
const client = createKubeClient({ access, clock: systemClock, userAgent: "bench" });
try {
  await webhook.install();
  const first = await webhook.start(ENV, PROGRAM);
  const made = memoryOf(first);
  await first.kill("SIGTERM");
  const second = await webhook.start(ENV, PROGRAM);
  const idle = memoryOf(second);
  await webhook.lead(second.port);
  const namespace = await cluster.freeNamespace();
  await webhook.inForce(namespace);
  await checkAnswers(client, namespace);
  await load(client, namespace); // code that has run often is what counts
  const took = await load(client, namespace);
  console.log(
    `${"".padEnd(44)}${["n", "p50", "p95", "p99", "max"].map((head, i) => head.padStart(i === 0 ? 6 : 9)).join("")}`,
  );
  for (const [name, values] of took) line(name, values, `ms at ${rate} rps`);
  for (const [path, ms] of await ownTime(second)) line(`  of it in the webhook, mean, ${path}`, [ms], "ms");
  line("memory of the webhook, when it serves", [idle], "MB");
  line("  after this load", [memoryOf(second)], "MB");
  line("  of one that had to make the certificate", [made], "MB");
  await second.kill("SIGTERM");
  const ready: number[] = [];
  for (let i = 0; i < starts; i++) {
    const process = await webhook.start(ENV, PROGRAM);
    ready.push(process.readyMs);
    await process.kill();
  }
  line("from the process's start until it serves", ready, "ms");
  line("  with a certificate to make", [first.readyMs], "ms");
} finally {
  client.close();
  await webhook.remove();
  await cluster.cleanUp();
}
