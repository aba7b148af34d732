import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { systemClock } from "#core/clock.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import type { Access } from "./access.ts";
import { createKubeClient } from "./client.ts";
import type { ObjectMeta } from "./objects.ts";

const server = new FakeApiServer();
const path = "/api/v1/namespaces/default/services";

beforeAll(() => server.start());
afterAll(() => server.stop());

const clientOf = (access: Partial<Access> = {}) =>
  createKubeClient({ access: { ...server.access, ...access }, clock: systemClock, timeoutMs: 500 });

test("creates, reads, patches, deletes, and refuses what was based on an older version", async () => {
  const client = clientOf();
  const made = await client.call<{ metadata: ObjectMeta }>({
    method: "POST",
    path,
    body: { metadata: { name: "a" } },
  });
  const at = `${path}/a`;
  await client.call({ method: "PATCH", path: at, body: { metadata: { labels: { x: "1" } } } });
  const stale = { metadata: { resourceVersion: made.metadata.resourceVersion, labels: { x: "2" } } };
  await expect(client.call({ method: "PATCH", path: at, body: stale })).rejects.toMatchObject({
    status: 409,
    reason: "Conflict",
  });
  await client.call({ method: "DELETE", path: at });
  await expect(client.call({ method: "GET", path: at })).rejects.toMatchObject({ status: 404 });
  client.close();
});

test("every write names its manager, no read does", async () => {
  const client = createKubeClient({
    access: server.access,
    clock: systemClock,
    userAgent: "pilotlight-test",
  });
  const from = server.requests.length;
  await client.call({ method: "POST", path, body: { metadata: { name: "managed" } } });
  await client.call({ method: "PATCH", path: `${path}/managed`, body: { metadata: { labels: { x: "1" } } } });
  await client.call({ method: "GET", path: `${path}/managed` });
  await client.call({ method: "DELETE", path: `${path}/managed` });
  expect(server.requests.slice(from)).toEqual([
    `POST ${path}?fieldManager=pilotlight-test`,
    `PATCH ${path}/managed?fieldManager=pilotlight-test`,
    `GET ${path}/managed`,
    `DELETE ${path}/managed`,
  ]);
  client.close();
});

test("a 401 makes it ask for a new token once", async () => {
  const asked: boolean[] = [];
  server.intercept = () => (asked.includes(true) ? undefined : { status: 401, body: {} });
  const token = (renew: boolean) => {
    asked.push(renew);
    return Promise.resolve("t");
  };
  const client = clientOf({ token });
  await client.call({ method: "GET", path });
  server.intercept = undefined;
  expect(asked).toEqual([false, true]);
  client.close();
});

test("429 is waited out", async () => {
  let busy = 1;
  server.intercept = () =>
    busy-- > 0 ? { status: 429, body: { code: 429, details: { retryAfterSeconds: 0.01 } } } : undefined;
  const client = clientOf();
  await client.call({ method: "GET", path });
  server.intercept = undefined;
  client.close();
});

test("no answer within the time limit is an unreachable server", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const client = clientOf({ server: `http://127.0.0.1:${port}` });
  await expect(client.call({ method: "GET", path })).rejects.toMatchObject({ reason: "Unreachable" });
  client.close();
  silent.close();
});

test("the caller's signal ends a call with its own reason", async () => {
  const client = clientOf();
  const reason = new Error("enough");
  const call = client.call({ method: "GET", path, signal: AbortSignal.abort(reason) });
  await expect(call).rejects.toBe(reason);
  client.close();
});
