import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE, useCluster } from "../cluster.ts";
import { until } from "../setup/exec.ts";
import { InstalledWebhook, SERVICE, type WebhookProcess } from "./installed.ts";

const cluster = useCluster();
let webhook: InstalledWebhook;
let namespace: string;

beforeAll(async () => {
  webhook = new InstalledWebhook(cluster(), await cluster().freeNamespace());
  namespace = await cluster().freeNamespace();
  await webhook.install();
});
afterAll(() => webhook.remove());

/** The serial number of the certificate that a process shows. */
const shown = async ({ port }: WebhookProcess): Promise<string> => {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("secureConnect", resolve);
  socket.once("error", reject);
  await promise;
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

const stored = async (): Promise<string | undefined> => {
  const secret = await cluster().get<Secret>(`secret/${SERVICE}-certificate`, webhook.namespace);
  const text = secret?.data?.["server-cert.pem"];
  return text === undefined ? undefined : new X509Certificate(Buffer.from(text, "base64")).serialNumber;
};

test("three replicas that start at once agree, and a lost certificate is replaced without a restart", async () => {
  const processes = await Promise.all([webhook.start(), webhook.start(), webhook.start()]);
  const first = await stored();
  expect(first).toBeDefined();
  expect(await Promise.all(processes.map(shown))).toEqual([first, first, first]);
  await webhook.lead(processes[0].port);
  await webhook.inForce(namespace);

  const name = `${SERVICE}-certificate`;
  await cluster().kubectl(
    "patch",
    "secret",
    name,
    "-n",
    webhook.namespace,
    "--type=json",
    '-p=[{"op":"remove","path":"/data"}]',
  );
  const second = await until("another certificate", PATIENCE, async () => {
    const now = await stored();
    return now === first ? undefined : now;
  });
  for (const process of processes) {
    await until("it to be shown", PATIENCE, async () =>
      (await shown(process)) === second ? true : undefined,
    );
  }
  await webhook.inForce(namespace);
});

test("the trust that somebody wipes out is published again", async () => {
  const path = "/webhooks/0/clientConfig/caBundle";
  const patch = `-p=[{"op":"remove","path":"${path}"}]`;
  await cluster().kubectl(
    "patch",
    "validatingwebhookconfiguration",
    webhook.configuration,
    "--type=json",
    patch,
  );
  await webhook.inForce(namespace);
});
