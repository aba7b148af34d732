import { Agent, request as httpsRequest } from "node:https";
import { type AutoscalerConfig, defaultConfig } from "#core/autoscaler-config.ts";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import { buildWebhook, type Webhook } from "../../webhook/build.ts";
import { webhookConfig, webhookEnv } from "../../webhook/config.ts";
import type { SecretStore, StoredSecret, Workloads } from "../../webhook/ports.ts";

export const nothingKnown: Workloads = {
  scaledThrough: () => undefined,
  autoscalersBehind: () => [],
  startTime: () => undefined,
  slowStart: () => [],
};

interface Options {
  readonly strictKnative?: boolean;
  readonly workloads?: Workloads;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface RunningWebhook extends AsyncDisposable {
  readonly webhook: Webhook;
  /** The authorities that were published last. */
  trust(): string;
  /** Puts another config in force. */
  config(next: AutoscalerConfig): void;
  /** POSTs `body` as it is, over a connection that is kept, trusting what was published. */
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
}

/** A webhook with a real HTTPS server on a free port; its certificate is made and kept in memory. */
export const startWebhook = async (options: Options = {}): Promise<RunningWebhook> => {
  let config = defaultConfig;
  let published = "";
  const webhook = buildWebhook({
    clock: systemClock,
    log: silentLogger,
    registry: createRegistry({ processMetrics: false }),
    settings: {
      ...webhookConfig(webhookEnv.parse({})),
      host: "127.0.0.1",
      port: 0,
      adminPort: 0,
      drainMs: 0,
      strictKnative: options.strictKnative ?? false,
    },
    namespace: "pilotlight",
    config: { current: () => config, subscribe: () => ({ [Symbol.dispose]: () => undefined }) },
    workloads: options.workloads ?? nothingKnown,
    secret: secretInMemory(),
    trust: { publish: (bundle) => Promise.resolve(void (published = bundle)) },
  });
  await webhook.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    webhook,
    trust: () => published,
    config: (next) => (config = next),
    post: (path, body, headers = {}) =>
      send({ agent, port: webhook.port, ca: published, path, headers }, body),
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await webhook.stop(AbortSignal.abort());
    },
  };
};

const secretInMemory = (): SecretStore => {
  let stored: StoredSecret | undefined;
  return {
    read: () => Promise.resolve(stored),
    write: (data, version) => {
      if (stored?.version !== version) return Promise.resolve("conflict");
      stored = { version: String(Number(version ?? 0) + 1), data };
      return Promise.resolve("written");
    },
  };
};

interface Target {
  readonly agent: Agent;
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

const send = (target: Target, body: string | Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { agent, port, ca, path, headers } = target;
    const request = httpsRequest({
      agent,
      host: "127.0.0.1",
      port,
      path,
      ca,
      method: "POST",
      servername: "pilotlight-webhook.pilotlight.svc",
      headers: {
        "Content-Type": "application/json",
        ...("Transfer-Encoding" in headers ? {} : { "Content-Length": Buffer.byteLength(body) }),
        ...headers,
      },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> });
        } catch {
          reject(new Error(`the answer ${response.statusCode} is no JSON: ${JSON.stringify(text)}`));
        }
      });
    });
    request.end(body);
  });

/** An AdmissionReview as the API server sends it. */
export const reviewOf = (kind: string, object: unknown, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "", version: "v1", kind },
      resource: { group: "", version: "v1", resource: `${kind.toLowerCase()}s` },
      operation: "CREATE",
      namespace: "default",
      userInfo: { username: "admin", groups: ["system:masters"] },
      object,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: "meta.k8s.io/v1", kind: "CreateOptions", fieldManager: "kubectl" },
      ...more,
    },
  });
