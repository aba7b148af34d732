import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { createKubeClient, type KubeClient } from "./client.ts";
import { kubeSecret } from "./secret.ts";
import { publishTrust, type WebhookConfigurationName } from "./webhook-configuration.ts";

let server: FakeApiServer;
let client: KubeClient;
beforeAll(async () => {
  server = new FakeApiServer();
  await server.start();
  client = createKubeClient({ access: server.access, clock: systemClock });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

describe("kubeSecret", () => {
  const secret = () => kubeSecret(client, "pilotlight", "certificate");

  test("who writes second on the same version learns it, and nothing is overwritten", async () => {
    expect(await secret().read()).toBeUndefined();
    expect(await secret().write({ a: "1" }, undefined)).toBe("written");
    expect(await secret().write({ a: "other" }, undefined)).toBe("conflict");
    const first = await secret().read();
    expect(first?.data).toEqual({ a: "1" });
    expect(await secret().write({ b: "zwei ü" }, first?.version)).toBe("written");
    expect(await secret().write({ c: "3" }, first?.version)).toBe("conflict");
    expect((await secret().read())?.data).toEqual({ b: "zwei ü" });
  });
});

describe("publishTrust", () => {
  const base = "/apis/admissionregistration.k8s.io/v1";
  const names: readonly WebhookConfigurationName[] = [
    { kind: "mutating", name: "pilotlight" },
    { kind: "validating", name: "pilotlight" },
    { kind: "validating", name: "not-installed" },
  ];
  const bundles = (kind: string) =>
    (
      server.store.get(`${base}/${kind}webhookconfigurations/pilotlight`)["webhooks"] as {
        clientConfig: { caBundle?: string };
      }[]
    ).map(({ clientConfig }) => clientConfig.caBundle);

  beforeEach(() => {
    for (const kind of ["mutating", "validating"]) {
      const collection = `${base}/${kind}webhookconfigurations`;
      try {
        server.store.delete(`${collection}/pilotlight`);
      } catch {
        // the first test finds none
      }
      server.store.create(collection, {
        metadata: { name: "pilotlight" },
        webhooks: [
          { name: "a", clientConfig: { service: {} } },
          { name: "b", clientConfig: {} },
        ],
      });
    }
  });

  test("every webhook of every configuration that exists, and no write when nothing differs", async () => {
    await publishTrust(client, names, "PEM");
    const encoded = Buffer.from("PEM").toString("base64");
    expect(bundles("mutating")).toEqual([encoded, encoded]);
    expect(bundles("validating")).toEqual([encoded, encoded]);
    const before = server.store.version;
    await publishTrust(client, names, "PEM");
    expect(server.store.version).toBe(before);
  });

  test("a write in between is read again", async () => {
    let once = true;
    server.intercept = (method, path) => {
      if (method !== "PATCH" || !once) return undefined;
      once = false;
      server.store.merge(path, { metadata: { labels: { helm: "upgraded" } } });
      return undefined;
    };
    await publishTrust(client, names, "PEM2");
    server.intercept = undefined;
    expect(bundles("mutating")).toEqual(Array(2).fill(Buffer.from("PEM2").toString("base64")));
    expect(server.store.get(`${base}/mutatingwebhookconfigurations/pilotlight`).metadata.labels).toEqual({
      helm: "upgraded",
    });
  });
});
