import { Counter, Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { type Admin, createAdmin } from "./admin.ts";

let admin: Admin | undefined;
afterEach(() => admin?.stop(AbortSignal.abort()));

const start = async (options: { ready?: () => string | undefined; live?: () => string | undefined }) => {
  const registry = new Registry();
  new Counter({ name: "things_total", help: "things", registers: [registry] }).inc(3);
  admin = createAdmin({
    host: "127.0.0.1",
    port: 0,
    registry,
    ready: options.ready ?? (() => undefined),
    ...(options.live === undefined ? {} : { live: options.live }),
    pages: { "/explain": (query) => (query.get("id") === "a/b" ? { desired: 2 } : undefined) },
  });
  await admin.start();
  const page = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${admin!.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  return page;
};

test("metrics are the registry's, as Prometheus reads them", async () => {
  const page = await start({});
  const answer = await page("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.text).toContain("things_total 3");
});

test("readiness and liveness are separate, and a failure tells why", async () => {
  const page = await start({ ready: () => "shutting down" });
  expect(await page("/readyz")).toEqual({ status: 503, text: "shutting down\n" });
  expect(await page("/healthz")).toEqual({ status: 200, text: "ok\n" });
});

test("pages answer JSON, or 404 when they know nothing", async () => {
  const page = await start({});
  expect(await page("/explain?id=a/b")).toEqual({ status: 200, text: '{"desired":2}\n' });
  expect((await page("/explain?id=x")).status).toBe(404);
  expect((await page("/nothing")).status).toBe(404);
  expect((await page("/toString")).status).toBe(404);
});

test("nothing is changed by way of this port", async () => {
  const page = await start({});
  expect((await page("/metrics", { method: "POST" })).status).toBe(405);
});

test("a port that is taken is an error of start", async () => {
  await start({});
  const second = createAdmin({
    host: "127.0.0.1",
    port: admin!.port!,
    registry: new Registry(),
    ready: () => undefined,
  });
  await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
});
