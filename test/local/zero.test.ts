import { resolve } from "node:path";
import { expect, test } from "vitest";
import { app, Pilotlight } from "../helpers/pilotlight.ts";
import { ask } from "./ask.ts";

const command = [process.execPath, resolve(import.meta.dirname, "app.mjs")];
const scaled = { "autoscaling.knative.dev/window": "6s", "autoscaling.knative.dev/max-scale": "3" };
const soonToZero = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "config-autoscaler" },
  data: { "scale-to-zero-grace-period": "6s" },
};

test("from zero to an answer, and back to zero", async () => {
  await using pilotlight = await Pilotlight.start([
    ...app({ name: "hello", command, annotations: scaled }),
    soonToZero,
  ]);
  expect(pilotlight.events.map(({ event }) => event)).toEqual(["ready"]);
  const { status, body } = await ask(pilotlight.url("hello"));
  expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ says: "hello" })]);
  const { pid, pod } = JSON.parse(body) as { pid: number; pod: string };
  await pilotlight.until(({ event }) => event === "pod-gone", 60_000);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  const scales = pilotlight.events.filter(({ event }) => event === "scaled");
  expect(scales).toMatchObject([
    { service: "default/hello", from: 0, to: 1, cause: "request" },
    { service: "default/hello", from: 1, to: 0, reason: expect.stringContaining("0 concurrent requests") },
  ]);
  const told = pilotlight.events.filter(({ event }) => event !== "pod-ready" && event !== "scaled");
  expect(told).toMatchObject([
    {
      event: "ready",
      services: [{ name: "hello", namespace: "default", scaled: true, ports: [{ name: "", port: 80 }] }],
    },
    { event: "pod-started", pod, workload: "default/hello", pid },
    { event: "cold-start", service: "default/hello" },
    { event: "pod-stopping", pod },
    { event: "pod-exited", pod, signal: "SIGTERM" },
    { event: "pod-gone", pod },
  ]);
  // And once more.
  expect((await ask(pilotlight.url("hello"))).status).toBe(200);
}, 90_000);

test("a Service without annotations runs at its replicas and is reached all the same", async () => {
  const [service, deployment] = app({ name: "plain", command }) as [object, { spec: object }];
  Object.assign(deployment.spec, { replicas: 2 });
  await using pilotlight = await Pilotlight.start([service, deployment]);
  await pilotlight.until(() => pilotlight.events.filter(({ event }) => event === "pod-ready").length === 2);
  const pids = new Set<number>();
  for (let i = 0; i < 50 && pids.size < 2; i++) {
    const { status, body } = await ask(pilotlight.url("plain"));
    expect(status).toBe(200);
    pids.add((JSON.parse(body) as { pid: number }).pid);
  }
  expect(pids.size).toBe(2);
  expect(pilotlight.events[0]).toMatchObject({ event: "pod-started" });
  expect(pilotlight.events.find(({ event }) => event === "ready")).toMatchObject({
    services: [{ name: "plain", scaled: false }],
  });
});

test("a plain Service of a Deployment with no replicas is not woken, and says so", async () => {
  const [service, deployment] = app({ name: "plain", command }) as [object, { spec: object }];
  Object.assign(deployment.spec, { replicas: 0 });
  await using pilotlight = await Pilotlight.start([service, deployment]);
  const { status, body } = await ask(pilotlight.url("plain"));
  expect([status, body]).toEqual([503, expect.stringContaining("has no annotation that lets it be scaled")]);
});

test("several ports of a pod are reached at ports of their own", async () => {
  // Without a probe the pod is ready when its first port accepts: that one is opened last.
  const program = `const serve = (name, then) => require("node:http")
    .createServer((_, response) => response.end(name)).listen(process.env[name], "127.0.0.1", then);
    serve("PORT_ADMIN", () => serve("PORT"))`;
  const [service, deployment] = app({
    name: "two",
    command: [process.execPath, "-e", program],
    annotations: scaled,
  }) as [{ spec: object }, object];
  Object.assign(service.spec, {
    ports: [
      { name: "http", port: 80 },
      { name: "admin", port: 9000 },
    ],
  });
  await using pilotlight = await Pilotlight.start([service, deployment]);
  const [{ ports }] = pilotlight.events.find(({ event }) => event === "ready")!["services"] as [
    { ports: { name: string; url: string }[] },
  ];
  const answers = await Promise.all(ports.map(async ({ name, url }) => [name, (await ask(url)).body]));
  expect(answers).toEqual([
    ["http", "PORT"],
    ["admin", "PORT_ADMIN"],
  ]);
});
