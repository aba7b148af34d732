import { resolve } from "node:path";
import { expect, test } from "vitest";
import { app, Pilotlight, type AppOptions } from "../helpers/pilotlight.ts";
import { ask, keepAsking, type Answer } from "./ask.ts";

const command = [process.execPath, resolve(import.meta.dirname, "app.mjs")];
const soon = { timeout: 20_000, interval: 20 };

const manifests = (SAYS: string, more: Partial<AppOptions> = {}): object[] =>
  app({
    name: "hello",
    command,
    env: { SAYS, START_MS: "200" },
    annotations: { "autoscaling.knative.dev/max-scale": "3" },
    ...more,
  });
const says = ({ status, body }: Answer): unknown =>
  status === 200 ? (JSON.parse(body) as { says: string }).says : `${status} ${body}`;

test("a changed env is applied under load without a failed request", async () => {
  await using pilotlight = await Pilotlight.start(manifests("one"));
  const url = pilotlight.url("hello");
  expect(says(await ask(url))).toBe("one");
  const stop = keepAsking(`${url}/?ms=50`, 8, "POST");
  for (const word of ["two", "three"]) {
    pilotlight.save(manifests(word));
    await expect.poll(async () => says(await ask(url)), soon).toBe(word);
    // Not a single old answer once the old pods are gone.
    await pilotlight.until(() => gone(pilotlight) >= (word === "two" ? 1 : 2));
  }
  const answers = (await stop()).map(says);
  expect(answers.filter((word) => !["one", "two", "three"].includes(String(word)))).toEqual([]);
  expect(answers.lastIndexOf("one")).toBeLessThan(answers.indexOf("three"));
  expect(pilotlight.events.filter(({ event }) => event === "applied")).toHaveLength(2);
}, 60_000);

const gone = ({ events }: Pilotlight): number => events.filter(({ event }) => event === "pod-gone").length;

test("changed annotations are in force without new pods", async () => {
  await using pilotlight = await Pilotlight.start(manifests("one"));
  const { pid } = JSON.parse((await ask(pilotlight.url("hello"))).body) as { pid: number };
  pilotlight.save(manifests("one", { annotations: { "autoscaling.knative.dev/min-scale": "2" } }));
  await pilotlight.until(({ event, to }) => event === "scaled" && to === 2);
  await pilotlight.until(({ event }) => event === "applied");
  process.kill(pid, 0);
  expect(gone(pilotlight)).toBe(0);
});

test("what cannot be used is told once, and what was in force stays in force", async () => {
  await using pilotlight = await Pilotlight.start(manifests("one"));
  const url = pilotlight.url("hello");
  expect(says(await ask(url))).toBe("one");
  pilotlight.save(manifests("two", { annotations: { "autoscaling.knative.dev/window": "1s" } }));
  expect(await pilotlight.until(({ event }) => event === "problem")).toMatchObject({
    fatal: false,
    object: "Service default/hello",
    field: 'metadata.annotations["autoscaling.knative.dev/window"]',
    message: "expected 6s <= 1s <= 1h0m0s",
  });
  expect(says(await ask(url))).toBe("one");
  pilotlight.save(manifests("two"));
  await expect.poll(async () => says(await ask(url)), soon).toBe("two");
  expect(pilotlight.events.filter(({ event }) => event === "problem")).toHaveLength(1);
});

test("a Service that comes later listens, and one that is taken out does so no more", async () => {
  await using pilotlight = await Pilotlight.start(manifests("one"));
  const before = pilotlight.url("hello");
  expect(says(await ask(before))).toBe("one");
  pilotlight.save([...manifests("one"), ...manifests("late", { name: "late" })]);
  const { services } = (await pilotlight.until(
    ({ event, services }) => event === "ready" && (services as unknown[]).length === 2,
  )) as unknown as { services: { name: string; url: string }[] };
  const late = services.find(({ name }) => name === "late")!.url;
  expect(services.find(({ name }) => name === "hello")!.url).toBe(before);
  expect(says(await ask(late))).toBe("late");
  pilotlight.save(manifests("late", { name: "late" }));
  await expect
    .poll(() => ask(before).then(says, (error: Error) => error.message), soon)
    .toMatch(/ECONNREFUSED/);
  expect(says(await ask(late))).toBe("late");
  await pilotlight.until(({ event, workload }) => event === "pod-gone" && workload === "default/hello");
});
