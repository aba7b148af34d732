import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { systemClock } from "#core/clock.ts";
import { createKubeClient, type KubeClient } from "#core/kube/client.ts";
import type { EventNote } from "#core/kube/event-recorder.ts";
import { KubeWorld } from "#core/kube/world.ts";
import { startAll, stopAll } from "#core/lifecycle.ts";
import { silentLogger } from "#core/log.ts";
import { createServer, type Server } from "node:net";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { deployment, service } from "../../test/helpers/kube-objects.ts";
import type { StoredObject } from "../../test/helpers/object-store.ts";
import { until } from "../../test/helpers/until.ts";
import { routing } from "./routing.ts";

/** The controller on a small API server over HTTP, with an activator that listens on whatever is reserved. */
let server: FakeApiServer;
let client: KubeClient;
let world: KubeWorld;
let controller: ReturnType<typeof routing>;
let activators: Server[];
let told: EventNote[];
let leading: boolean;
let listens: boolean;

const services = "/api/v1/namespaces/default/services";
const slicesPath = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const nobody = { [Symbol.dispose]: () => undefined };

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  client = createKubeClient({ access: server.access, clock: systemClock });
  const config = { current: () => defaultConfig, subscribe: () => nobody };
  world = new KubeWorld({ client, clock: systemClock, log: silentLogger, config, autoscalers: true });
  told = [];
  leading = true;
  listens = true;
  activators = [];
  world.slices.subscribe((_key, now) => {
    const port = now?.ports?.[0]?.port;
    if (port === undefined || !listens) return;
    const activator = createServer().on("error", () => undefined);
    activators.push(activator.listen(port, "127.0.0.1"));
  });
  controller = routing({
    clock: systemClock,
    log: silentLogger,
    client,
    world,
    activators: { list: () => [{ address: "127.0.0.1", family: "IPv4" }], subscribe: () => nobody },
    events: { record: (note) => void told.push(note) },
    leading: () => leading,
  });
  server.store.create("/apis/apps/v1/namespaces/default/deployments", stored(deployment("hello", 2)));
});

afterEach(async () => {
  await stopAll([...world.parts, controller], silentLogger, AbortSignal.abort());
  for (const activator of activators) activator.close();
  client.close();
  await server.stop();
});

const start = () => startAll([...world.parts, controller], silentLogger);
const stored = (object: object): StoredObject => structuredClone(object) as StoredObject;
const annotate = () => server.store.create(services, stored(service("hello")));
const hello = () => server.store.get(`${services}/hello`) as unknown as ReturnType<typeof service>;
const slices = () => server.store.list(slicesPath, () => true) as unknown as { endpoints: unknown[] }[];
const reasons = () => told.map(({ reason }) => reason);

test("an annotated Service is taken over, and given back when its annotations go", async () => {
  annotate();
  await start();
  await until(() => hello().spec.selector === undefined);
  expect(slices()).toMatchObject([{ endpoints: [{ addresses: ["127.0.0.1"] }] }]);
  expect(hello().metadata.annotations).toMatchObject({ "pilotlight.dev/selector": "app=hello" });
  await until(() => reasons().includes("TakenOver"));
  server.store.merge(`${services}/hello`, {
    metadata: { annotations: { "autoscaling.knative.dev/min-scale": null } },
  });
  await until(() => hello().spec.selector?.["app"] === "hello");
  // There is no endpoint controller here: as long as no pod is published, ours stay.
  expect(slices()).toHaveLength(1);
  server.store.create(slicesPath, {
    metadata: {
      name: "hello-x",
      labels: {
        "kubernetes.io/service-name": "hello",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"] }],
  });
  await until(() => slices().length === 1 && reasons().includes("GivenBack"));
});

test("a selector is not moved before an activator listens", async () => {
  listens = false;
  annotate();
  await start();
  await until(() => slices().length === 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(slices()).toMatchObject([{ endpoints: [] }]);
  expect(hello().spec.selector).toEqual({ app: "hello" });
});

test("who does not lead writes nothing, and goes on where another one was stopped", async () => {
  leading = false;
  annotate();
  await start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.requests.filter((line) => !line.startsWith("GET"))).toEqual([]);
  leading = true;
  controller.reconsider();
  await until(() => hello().spec.selector === undefined);
});

test("a write that fails is tried again from what is there then", async () => {
  let failures = 2;
  server.intercept = (method, path) =>
    method === "PATCH" && path.endsWith("/hello") && failures-- > 0
      ? { status: 409, body: { code: 409, reason: "Conflict" } }
      : undefined;
  annotate();
  await start();
  await until(() => hello().spec.selector === undefined);
  expect(failures).toBe(-1);
});

test("a refusal is told on the Service, with a remedy", async () => {
  server.store.create(services, stored(service("headless", { spec: { clusterIP: "None" } })));
  await start();
  const note = await until(() => told.find(({ reason }) => reason === "CannotRoute"));
  expect(note).toMatchObject({ type: "Warning", about: { kind: "Service", metadata: { name: "headless" } } });
  expect(note.message).toMatch(/headless.*give it a cluster IP/);
});
