/** The webhook on a test cluster: the chart's objects, and the command itself as a process beside the node. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parse, parseAllDocuments, stringify } from "yaml";
import { type KubeObject, PATIENCE, type TestCluster } from "../cluster.ts";
import { until } from "../setup/exec.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const RELEASE = "pilotlight";
export const SERVICE = `${RELEASE}-webhook`;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, unknown>;
}

const CLUSTER_WIDE = [
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ClusterRole",
  "ClusterRoleBinding",
];

/** One process of the webhook. */
export interface WebhookProcess {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
  /** The text of its /metrics. */
  metrics(): Promise<string>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Applies what the chart makes for the webhook to a namespace of its own, with a Service that leads to
 * processes on this machine, which run with the rights of the chart's ServiceAccount and no others.
 */
export class InstalledWebhook {
  readonly namespace: string;
  /** Name of both webhook configurations. */
  readonly configuration: string;
  readonly #cluster: TestCluster;
  readonly #folder = mkdtempSync(join(tmpdir(), "pilotlight-webhook-"));
  readonly #processes = new Set<WebhookProcess>();
  #clusterWide: Manifest[] = [];

  constructor(cluster: TestCluster, namespace: string) {
    this.#cluster = cluster;
    this.namespace = namespace;
    this.configuration = `${SERVICE}.${namespace}`;
  }

  async install(): Promise<void> {
    const chart = join(ROOT, "charts/pilotlight");
    const text = await this.#cluster.helm("template", RELEASE, chart, "--namespace", this.namespace);
    const all = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
    const ours = all.filter((object) => object !== null && this.#isOurs(object)) as Manifest[];
    this.#clusterWide = ours.filter(({ kind }) => CLUSTER_WIDE.includes(kind));
    const served = ours.filter(({ kind }) => !["Deployment", "PodDisruptionBudget"].includes(kind));
    await this.#cluster.apply(served.map((object) => withoutSelector(object)) as unknown as KubeObject[]);
    writeFileSync(this.#kubeconfig, await this.#accountKubeconfig());
  }

  #isOurs({ kind, metadata }: Manifest): boolean {
    if (["NetworkPolicy", "Job", "Pod"].includes(kind)) return false;
    return metadata.name.startsWith(SERVICE) || metadata.name === this.configuration;
  }

  get #kubeconfig(): string {
    return join(this.#folder, "kubeconfig");
  }

  async #accountKubeconfig(): Promise<string> {
    const config = parse(await this.#cluster.kubectl("config", "view", "--raw")) as {
      clusters: { name: string }[];
    };
    const token = (await this.#cluster.kubectl("create", "token", SERVICE, "-n", this.namespace)).trim();
    return stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: config.clusters,
      users: [{ name: "webhook", user: { token } }],
      contexts: [{ name: "webhook", context: { cluster: config.clusters[0]!.name, user: "webhook" } }],
      "current-context": "webhook",
    });
  }

  /** Starts a process and returns when it is ready. Does not lead the Service to it: `lead` does. */
  async start(
    env: Readonly<Record<string, string>> = {},
    program: readonly string[] = [join(ROOT, "cli/main.ts"), "webhook"],
  ): Promise<WebhookProcess> {
    const began = performance.now();
    const child = spawn(process.execPath, program, {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"] ?? "",
        KUBECONFIG: this.#kubeconfig,
        PILOTLIGHT_NAMESPACE: this.namespace,
        PILOTLIGHT_WEBHOOK_PORT: "0",
        PILOTLIGHT_ADMIN_PORT: "0",
        PILOTLIGHT_WEBHOOK_SERVICE: SERVICE,
        PILOTLIGHT_WEBHOOK_SECRET: `${SERVICE}-certificate`,
        PILOTLIGHT_WEBHOOK_CONFIGURATION: this.configuration,
        PILOTLIGHT_DRAIN_SECONDS: "0",
        ...env,
      },
    });
    const serving = await servingLine(child);
    const admin = `http://127.0.0.1:${serving.adminPort}`;
    const readyMs = performance.now() - began;
    const started = this.#process(child, serving.port, { admin, readyMs });
    this.#processes.add(started);
    return started;
  }

  #process(child: ChildProcess, port: number, known: { admin: string; readyMs: number }): WebhookProcess {
    const process = {
      port,
      pid: child.pid!,
      readyMs: known.readyMs,
      metrics: async () => (await fetch(`${known.admin}/metrics`)).text(),
      kill: async (signal: NodeJS.Signals = "SIGKILL") => {
        this.#processes.delete(process);
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
      },
    };
    return process;
  }

  /** Lets the Service lead to a port of the node, or nowhere. */
  async lead(port: number | undefined): Promise<void> {
    const address = await this.#cluster.kubectl(
      "get",
      "nodes",
      "-o=jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}",
    );
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: SERVICE, labels: { "kubernetes.io/service-name": SERVICE } },
      addressType: "IPv4",
      ports: [{ name: "https", port: port ?? 1, protocol: "TCP" }],
      endpoints: port === undefined ? [] : [{ addresses: [address], conditions: { ready: true } }],
    };
    await this.#cluster.apply([slice], this.namespace);
  }

  /** Resolves once the API server calls the webhook: a Service that is to be refused, is. */
  async inForce(namespace: string): Promise<void> {
    await until("the webhook to be in force", PATIENCE, () =>
      this.#cluster
        .apply([badService("probe-of-the-webhook")], namespace)
        .then(() => this.#cluster.kubectl("delete", "service", "probe-of-the-webhook", "-n", namespace))
        .then(() => undefined)
        .catch((error: Error) => (/validation failed/.test(error.message) ? true : undefined)),
    );
  }

  async remove(): Promise<void> {
    for (const process of this.#processes) await process.kill();
    for (const { kind, metadata } of this.#clusterWide) {
      await this.#cluster.kubectl("delete", kind, metadata.name, "--ignore-not-found");
    }
    rmSync(this.#folder, { recursive: true });
  }
}

/** A Service that is refused wherever the webhook is asked. */
export const badService = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, annotations: { "autoscaling.knative.dev/min-scale": "-1" } },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

const withoutSelector = (object: Manifest): Manifest => {
  if (object.kind !== "Service") return object;
  const { selector: _selector, ...spec } = object.spec ?? {};
  return { ...object, spec: { ...spec, ports: [{ name: "https", port: 443, targetPort: 1 }] } };
};

interface ServingLine {
  readonly msg: string;
  readonly port: number;
  readonly adminPort: number;
}

/** What a process logs once it serves. Its output is read to the end, so that it never has to wait. */
const servingLine = (child: ChildProcess): Promise<ServingLine> =>
  new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("exit", (code) => reject(new Error(`the webhook ended with ${code}:\n${said.join("\n")}`)));
    createInterface({ input: child.stdout! }).on("line", (text) => {
      said.push(text);
      const line = JSON.parse(text) as ServingLine;
      if (line.msg === "the webhook serves") resolve(line);
    });
  });
