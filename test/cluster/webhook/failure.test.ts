import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { issue } from "../../../webhook/listen/certificate-issue.ts";
import { useCluster, type KubeObject } from "../cluster.ts";
import { InstalledWebhook, SERVICE } from "./installed.ts";

/** Whatever is wrong with the webhook, Services can be made and changed; only config-autoscaler waits. */

const cluster = useCluster();
let webhook: InstalledWebhook;
let namespace: string;
const servers: Server[] = [];

beforeAll(async () => {
  webhook = new InstalledWebhook(cluster(), await cluster().freeNamespace());
  namespace = await cluster().freeNamespace();
  await webhook.install();
  const process = await webhook.start();
  await webhook.lead(process.port);
  await webhook.inForce(namespace);
  await process.kill();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => webhook.remove());

const service = (name: string, minScale: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, annotations: { "autoscaling.knative.dev/min-scale": minScale } },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

const config: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "config-autoscaler" },
  data: { "stable-window": "60s" },
};

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** Accepts, and never says a word. */
const slow = () => listening(createTcpServer((socket) => socket.on("error", () => undefined)));

/** Shows a certificate of an authority that nobody trusts. */
const impostor = async () => {
  const { certificate, key } = await issue([`${SERVICE}.${webhook.namespace}.svc`], Date.now());
  const server = createTlsServer({ cert: certificate, key }, (socket) => socket.on("error", () => undefined));
  server.on("tlsClientError", () => undefined);
  return listening(server);
};

/** Speaks HTTPS to nobody's liking: the trusted name, but no admission answer. */
const nowhere = () => Promise.resolve(undefined);

describe.each([
  ["without endpoints", nowhere],
  ["with nobody listening", () => Promise.resolve(1)],
  ["slower than the time limit", slow],
  ["with a wrong certificate", impostor],
])("a webhook %s", (name, port) => {
  test("does not keep anybody from creating, changing and deleting a Service", async () => {
    await webhook.lead(await port());
    const own = `svc-${name.replaceAll(/\W/g, "-")}`;
    await cluster().apply([service(own, "0")], namespace);
    await cluster().apply([service(own, "1")], namespace);
    const found = await cluster().get<{ spec: { selector: unknown } }>(`service/${own}`, namespace);
    // Not moved, since nobody was there to do it; that is the autoscaler's work then.
    expect(found?.spec.selector).toEqual({ app: own });
    await cluster().kubectl("delete", "service", own, "-n", namespace);
  });

  test("lets config-autoscaler wait", async () => {
    await webhook.lead(await port());
    await expect(cluster().apply([config], webhook.namespace)).rejects.toThrow(
      'failed calling webhook "config.webhook.pilotlight.dev"',
    );
  });
});

test("when it is back, everything is as before", async () => {
  const process = await webhook.start();
  await webhook.lead(process.port);
  await webhook.inForce(namespace);
  await cluster().apply([config], webhook.namespace);
});
