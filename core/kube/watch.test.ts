import { afterEach, beforeEach, expect, test } from "vitest";

import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { until } from "../../test/helpers/until.ts";
import { createKubeClient } from "./client.ts";
import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";
import { Watched } from "./watch.ts";

let server: FakeApiServer;
const path = "/api/v1/services";
const inDefault = "/api/v1/namespaces/default/services";
let client: KubeClient;
let watched: Watched<KubeObject>;
let changes: string[];

const make = (keep?: (object: KubeObject) => KubeObject | undefined) => {
  const options = { client, clock: systemClock, log: silentLogger, selection: { path } };
  watched = new Watched<KubeObject>(keep === undefined ? options : { ...options, keep });
  changes = [];
  watched.subscribe((key, now, before) => {
    changes.push(`${before === undefined ? "+" : now === undefined ? "-" : "~"}${key}`);
  });
};

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  client = createKubeClient({ access: server.access, clock: systemClock, timeoutMs: 2000 });
  make();
});

afterEach(async () => {
  await watched.stop();
  client.close();
  await server.stop();
});

const create = (name: string, labels: Record<string, string> = {}) =>
  server.store.create(inDefault, { metadata: { name, labels } });
const names = () => [...watched.values()].map(({ metadata }) => metadata.name).toSorted();

test("lists, then follows every change", async () => {
  create("a");
  await watched.start();
  await watched.firstSync;
  expect(names()).toEqual(["a"]);
  create("b");
  await until(() => watched.get("default/b"));
  server.store.merge(`${inDefault}/a`, { metadata: { labels: { x: "1" } } });
  await until(() => watched.get("default/a")?.metadata.labels?.["x"] === "1");
  server.store.delete(`${inDefault}/b`);
  await until(() => watched.get("default/b") === undefined);
  expect(changes).toEqual(["+default/a", "+default/b", "~default/a", "-default/b"]);
});

test("a cut watch goes on where it was, without a new list", async () => {
  await watched.start();
  await until(() => server.watches === 1);
  create("a");
  await until(() => watched.get("default/a"));
  const lists = server.requests.filter((line) => line.includes("limit=")).length;
  server.cutWatches();
  await until(() => server.watches === 0);
  create("b");
  await until(() => watched.get("default/b"));
  expect(server.requests.filter((line) => line.includes("limit=")).length).toBe(lists);
});

test("410 Gone: lists anew, and tells what went in between", async () => {
  create("a");
  await watched.start();
  await until(() => server.watches === 1);
  await server.stop();
  server.store.delete(`${inDefault}/a`);
  create("b");
  server.store.compact();
  await server.start();
  await until(() => names().join() === "b");
  expect(changes.toSorted()).toEqual(["+default/a", "+default/b", "-default/a"]);
});

test("while the server is away, what was known stays", async () => {
  create("a");
  await watched.start();
  await until(() => server.watches === 1);
  const before = server.requests.length;
  await server.stop();
  await expect(client.call({ method: "GET", path })).rejects.toMatchObject({ reason: "Unreachable" });
  expect(names()).toEqual(["a"]);
  expect(watched.synced).toBe(true);
  await server.start();
  create("b");
  await until(() => watched.get("default/b"));
  expect(server.requests.length).toBeGreaterThan(before);
});

test("a server that is away at the start is waited for", async () => {
  await server.stop();
  await watched.start();
  create("a");
  await server.start();
  await watched.firstSync;
  expect(names()).toEqual(["a"]);
});

test("keep leaves out what is not needed, and tells when an object stops being needed", async () => {
  make((object) => (object.metadata.labels?.["on"] === "1" ? object : undefined));
  create("a", { on: "1" });
  create("b");
  await watched.start();
  await watched.firstSync;
  expect(names()).toEqual(["a"]);
  server.store.merge(`${inDefault}/b`, { metadata: { labels: { on: "1" } } });
  await until(() => watched.get("default/b"));
  server.store.merge(`${inDefault}/a`, { metadata: { labels: { on: "0" } } });
  await until(() => watched.get("default/a") === undefined);
  expect(changes).toEqual(["+default/a", "+default/b", "-default/a"]);
});

test("a listener that throws does not end the watch", async () => {
  watched.subscribe(() => {
    throw new Error("mine");
  });
  await watched.start();
  create("a");
  await until(() => watched.get("default/a"));
  create("b");
  await until(() => watched.get("default/b"));
});
