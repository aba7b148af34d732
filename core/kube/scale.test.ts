import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { createKubeClient, type KubeClient } from "./client.ts";
import { createKinds } from "./kinds.ts";
import type { Workload } from "./objects.ts";
import { KubeScale } from "./scale.ts";

const collection = "/apis/apps/v1/namespaces/default/deployments";
const id = "default/a";
let server: FakeApiServer;
let client: KubeClient;
let seen: Workload | undefined;
let scale: KubeScale;
let ready: number | undefined;

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  client = createKubeClient({ access: server.access, clock: systemClock });
  server.store.create(collection, {
    metadata: { name: "a" },
    spec: { replicas: 0 },
    status: { replicas: 0 },
  });
  look();
  ready = 0;
  scale = new KubeScale({
    client,
    kinds: createKinds(client),
    claims: {
      get: () => undefined,
      workload: () =>
        seen === undefined
          ? undefined
          : { ref: { apiVersion: "apps/v1", kind: "Deployment", name: "a" }, object: seen },
    },
    dests: {
      pods: () =>
        ready === undefined
          ? undefined
          : {
              ready: Array.from({ length: ready }, (_, i) => ({ key: `${i}`, host: "h", ports: [1] })),
              notReady: [],
              terminating: 1,
            },
    },
  });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

/** The watch catches up. */
const look = () => void (seen = server.store.get(`${collection}/a`) as unknown as Workload);
const stored = () => (server.store.get(`${collection}/a`) as unknown as Workload).spec?.replicas;
const writes = () => server.requests.filter((line) => line.startsWith("PATCH")).length;

test("what was written is wanted, though the watch has not seen it yet", async () => {
  expect(await scale.apply(id, 3)).toBe(true);
  expect(stored()).toBe(3);
  expect(await scale.wanted(id)).toBe(3);
  server.store.merge(`${collection}/a`, { spec: { replicas: 5 } });
  look();
  expect(await scale.wanted(id)).toBe(5);
});

test("one request when the watch is up to date", async () => {
  await scale.apply(id, 1, { onlyIf: 0 });
  expect(server.requests).toHaveLength(1);
});

test("what is only remembered is never a reason not to write, and never a reason to overwrite", async () => {
  server.store.merge(`${collection}/a`, { spec: { replicas: 4 } });
  // The watch still says 0: the guard holds against what is stored.
  expect(await scale.apply(id, 1, { onlyIf: 0 })).toBe(false);
  expect(stored()).toBe(4);
  look();
  server.store.merge(`${collection}/a`, { spec: { replicas: 0 } });
  // The watch still says 4: a wake must not be lost.
  expect(await scale.apply(id, 1, { onlyIf: 0 })).toBe(true);
  expect(stored()).toBe(1);
});

test("a change of something else in between costs a second try", async () => {
  server.store.merge(`${collection}/a`, { metadata: { labels: { x: "1" } } });
  expect(await scale.apply(id, 2)).toBe(true);
  expect(stored()).toBe(2);
  expect(writes()).toBe(2);
});

test("what is so already is not written", async () => {
  expect(await scale.apply(id, 0)).toBe(true);
  expect(writes()).toBe(0);
});

test("of many at the same time one wins", async () => {
  const won = await Promise.all([1, 2, 3].map((n) => scale.apply(id, n, { onlyIf: 0 })));
  expect(won.filter(Boolean)).toHaveLength(1);
});

test("a refusal is told in the cluster's words", async () => {
  server.intercept = (method) =>
    method === "PATCH" ? { status: 403, body: { code: 403, message: "no right to patch" } } : undefined;
  await expect(scale.apply(id, 1)).rejects.toThrow("no right to patch");
  seen = undefined;
  await expect(scale.apply(id, 1)).rejects.toMatchObject({ status: 404 });
});

test("pods that the workload has made and that are in no slice yet are pending", async () => {
  server.store.merge(`${collection}/a`, { status: { replicas: 3 } });
  look();
  ready = 1;
  expect(await scale.pods(id)).toEqual({ ready: 1, notReady: 0, pending: 2, terminating: 1 });
  ready = undefined;
  await expect(scale.pods(id)).rejects.toThrow(/not known/);
});
