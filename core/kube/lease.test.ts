import { afterEach, beforeEach, expect, test } from "vitest";

import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { until } from "../../test/helpers/until.ts";
import { createKubeClient, type KubeClient } from "./client.ts";
import { Election } from "./lease.ts";

const times = { durationMs: 10_000, deadlineMs: 7000, retryMs: 1500 };
const path = "/apis/coordination.k8s.io/v1/namespaces/pilotlight/leases/autoscaler";
let server: FakeApiServer;
let client: KubeClient;
let clock: FakeClock;
let elections: Election[];
let log: string[];

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  // Requests have the real time, the election has one that the test moves.
  client = createKubeClient({ access: server.access, clock: systemClock });
  clock = new FakeClock();
  elections = [];
  log = [];
});

afterEach(async () => {
  for (const election of elections) await election.stop();
  client.close();
  await server.stop();
});

const join = async (identity: string): Promise<Election> => {
  const election = new Election({
    client,
    clock,
    log: silentLogger,
    key: "pilotlight/autoscaler",
    identity,
    times,
    onChange: (leading) => log.push(`${leading ? "+" : "-"}${identity}`),
  });
  elections.push(election);
  await election.start();
  return election;
};

const holder = () => {
  const [lease] = server.store.list(path.slice(0, path.lastIndexOf("/")), () => true);
  return (lease as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity;
};

/** Moves time on in small steps, each of which lets requests come to their end. */
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= 250) {
    await clock.advance(Math.min(left, 250));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
};

test("the first one leads, a second one waits and takes over at once when the first one stops", async () => {
  const a = await join("a");
  await until(() => a.leading);
  const b = await join("b");
  await pass(30_000);
  expect([a.leading, b.leading, holder()]).toEqual([true, false, "a"]);
  await a.stop();
  expect(holder()).toBe("");
  await pass(2000);
  await until(() => b.leading);
  expect(log).toEqual(["+a", "-a", "+b"]);
});

test("a leader that cannot renew stops before another one starts", async () => {
  const a = await join("a");
  await until(() => a.leading);
  const b = await join("b");
  await pass(3000);
  server.intercept = (method) =>
    method === "PUT" ? { status: 500, body: { message: "a's writes fail" } } : undefined;
  await pass(7000);
  expect([a.leading, b.leading]).toEqual([false, false]);
  server.intercept = undefined;
  await pass(12_000);
  await until(() => a.leading || b.leading);
  expect(log.slice(0, 2)).toEqual(["+a", "-a"]);
});

test("a leader whose process stood still knows by the clock that it does not lead any more", async () => {
  const a = await join("a");
  await until(() => a.leading);
  // No timer fires while a process stands still.
  (clock as unknown as { now: () => number }).now = (
    (now) => () =>
      now + 8000
  )(clock.now());
  expect(a.leading).toBe(false);
});

test("an unreachable API server: it stops leading, and leads again afterwards", async () => {
  const a = await join("a");
  await until(() => a.leading);
  await server.stop();
  await pass(9000);
  expect(a.leading).toBe(false);
  await server.start();
  await pass(3000);
  await until(() => a.leading);
});

test("a write that landed though no answer came does not cost the leadership", async () => {
  const a = await join("a");
  await until(() => a.leading);
  server.store.merge(path, { spec: { renewTime: "2026-01-01T00:00:00.000000Z" } });
  await pass(5000);
  expect(a.leading).toBe(true);
  expect(log).toEqual(["+a"]);
});

test("a lease that somebody deleted is made again", async () => {
  const a = await join("a");
  await until(() => a.leading);
  server.store.delete(path);
  await pass(4000);
  await until(() => holder() === "a");
  expect(a.leading).toBe(true);
});
