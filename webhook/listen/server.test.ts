import { connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import { createWebhookMetrics } from "../metrics.ts";
import { allowed } from "../review.ts";
import { issue } from "./certificate-issue.ts";
import { CertificateHolder, type CertificateSource } from "./certificate.ts";
import { createWebhookServer, type WebhookServer } from "./server.ts";

const NAME = "webhook.pilotlight.svc";
const WAIT = { timeout: 20_000 };

const started: WebhookServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop(AbortSignal.abort());
});

const start = async (drainMs = 0) => {
  const holder = new CertificateHolder();
  const renew = async () => {
    const issued = await issue([NAME], systemClock.now());
    holder.set(issued);
    return issued;
  };
  const source: CertificateSource = {
    name: "test",
    start: () => Promise.resolve(),
    stop: () => undefined,
    current: () => holder.current(),
    subscribe: (listener) => holder.subscribe(listener),
  };
  const first = await renew();
  const registry = createRegistry({ processMetrics: false });
  const server = createWebhookServer({
    clock: systemClock,
    log: silentLogger,
    metrics: createWebhookMetrics(registry),
    certificates: source,
    reviewers: { "/admit": () => allowed() },
    host: "127.0.0.1",
    port: 0,
    drainMs,
  });
  await server.start();
  started.push(server);
  return { server, first, renew, registry };
};

const dial = async (
  port: number,
  ca: string,
  options: { maxVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3" } = {},
): Promise<TLSSocket> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const floor = options.maxVersion === "TLSv1.1" ? { minVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" } : {};
  const socket = connect({ host: "127.0.0.1", port, ca, servername: NAME, ...floor, ...options } as never);
  socket.once("secureConnect", resolve);
  socket.once("error", reject);
  await promise;
  return socket;
};

/** Sends `text` and gives everything that comes until `until` is in it, or the server closes. */
const talk = (socket: TLSSocket, text: string, until = "\r\n\r\n"): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = "";
    const done = () => {
      socket.off("data", onData);
      resolve(heard);
    };
    const onData = (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(until)) done();
    };
    socket.on("data", onData);
    socket.once("close", done);
    socket.once("error", reject);
    socket.write(text);
  });

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe("TLS", () => {
  test("1.2 and 1.3 are spoken, 1.1 is not", async () => {
    const { server, first } = await start();
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await dial(server.port, first.authority, { maxVersion });
      expect(socket.getProtocol()).toBe(maxVersion);
      expect(socket.authorized).toBe(true);
      socket.destroy();
    }
    await expect(dial(server.port, first.authority, { maxVersion: "TLSv1.1" })).rejects.toThrow();
  });

  test("a new certificate is shown without a restart; connections that are open go on", async () => {
    const { server, first, renew } = await start();
    const before = await dial(server.port, first.authority);
    expect(await talk(before, get("/healthz"))).toContain("200 OK");

    const second = await renew();
    await expect(dial(server.port, first.authority)).rejects.toThrow();
    const after = await dial(server.port, second.authority);
    expect(after.getPeerCertificate().serialNumber).not.toBe(before.getPeerCertificate().serialNumber);
    expect(after.getProtocol()).toBe("TLSv1.3");
    expect(await talk(before, get("/healthz"))).toContain("200 OK");
    await expect(dial(server.port, second.authority, { maxVersion: "TLSv1.1" })).rejects.toThrow();
    before.destroy();
    after.destroy();
  });
});

describe("limits", () => {
  test("a request that never ends is answered with 408 and closed", async () => {
    const { server, first } = await start();
    const socket = await dial(server.port, first.authority);
    const head =
      "POST /admit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{";
    expect(await talk(socket, head)).toMatch(/^HTTP\/1\.1 408 |^$/);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true), WAIT);
  });

  test("a head that is too long is refused", async () => {
    const { server, first } = await start();
    const socket = await dial(server.port, first.authority);
    const head = `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`;
    expect(await talk(socket, head)).toContain(" 431 ");
    socket.destroy();
  });

  test("a client that leaves in the middle of its body harms nobody", async () => {
    const { server, first, registry } = await start();
    const leaving = await dial(server.port, first.authority);
    leaving.write(
      "POST /admit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    );
    leaving.destroy();
    await vi.waitFor(
      async () =>
        expect(await registry.metrics()).toContain(
          'pilotlight_webhook_reviews_total{path="/admit",outcome="bad_request"} 1',
        ),
      WAIT,
    );
    const next = await dial(server.port, first.authority);
    expect(await talk(next, get("/healthz"))).toContain("200 OK");
    next.destroy();
  });
});

describe("stopping", () => {
  test("withdraws readiness first, answers until the drain is over, then closes", async () => {
    const { server, first } = await start(60_000);
    const socket = await dial(server.port, first.authority);
    expect(await talk(socket, get("/readyz"))).toContain("200 OK");
    const hurry = new AbortController();
    const stopped = server.stop(hurry.signal);
    expect(server.serving).toBe(false);
    expect(await talk(socket, get("/readyz"))).toContain("503");
    const late = await dial(server.port, first.authority);
    expect(await talk(late, get("/healthz"))).toContain("200 OK");
    hurry.abort();
    await stopped;
    await vi.waitFor(() => expect(late.destroyed).toBe(true), WAIT);
  });
});
