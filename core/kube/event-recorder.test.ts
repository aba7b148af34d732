import { afterEach, beforeEach, expect, test } from "vitest";

import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { FakeApiServer } from "../../test/helpers/fake-api-server.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { until } from "../../test/helpers/until.ts";
import { createKubeClient, type KubeClient } from "./client.ts";
import { EventRecorder } from "./event-recorder.ts";

const path = "/api/v1/namespaces/default/events";
const about = {
  kind: "Service",
  apiVersion: "v1",
  metadata: { name: "hello", namespace: "default", uid: "u" },
};
let server: FakeApiServer;
let client: KubeClient;
let clock: FakeClock;
let recorder: EventRecorder;

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  client = createKubeClient({ access: server.access, clock: systemClock });
  clock = new FakeClock();
  recorder = new EventRecorder({
    client,
    clock,
    log: silentLogger,
    component: "pilotlight",
    instance: "p-1",
  });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const events = () => server.store.list(path, () => true) as unknown as { message: string; count: number }[];
const note = (message: string) => recorder.record({ about, type: "Warning", reason: "NoWorkload", message });

test("the same note is one event, counted up after a while", async () => {
  note("none");
  note("none");
  await until(() => events().length === 1);
  await clock.advance(300_000);
  note("none");
  await until(() => events()[0]?.count === 2);
  expect(events()).toMatchObject([
    {
      message: "none",
      type: "Warning",
      reason: "NoWorkload",
      involvedObject: { kind: "Service", name: "hello", uid: "u" },
    },
  ]);
});

test("one object cannot flood the cluster", async () => {
  for (let i = 0; i < 50; i++) note(`n${i}`);
  await until(() => events().length === 10);
  await clock.advance(30_000);
  note("later");
  await until(() => events().some(({ message }) => message === "later"));
  expect(events().length).toBe(11);
});

test("what cannot be sent is forgotten, and sent the next time", async () => {
  server.intercept = () => ({ status: 403, body: {} });
  note("none");
  await until(() => server.requests.length === 1);
  server.intercept = undefined;
  await until(() => {
    note("none");
    return events().length === 1;
  });
});
