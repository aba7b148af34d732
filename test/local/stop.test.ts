import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { app, Pilotlight } from "../helpers/pilotlight.ts";
import { processesWith } from "../helpers/processes.ts";
import { ask } from "./ask.ts";

const command = [process.execPath, resolve(import.meta.dirname, "app.mjs")];
const annotations = { "autoscaling.knative.dev/min-scale": "2" };
const soon = { timeout: 20_000, interval: 20 };

let folder: string;
let mark: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-stop-"));
  mark = randomUUID();
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = async (
  env: Record<string, string> = {},
  { more, as = mark }: { more?: object; as?: string } = {},
): Promise<Pilotlight> => {
  const manifests = app({ name: "two", command, annotations, env, pod: { ...more } });
  const pilotlight = await Pilotlight.start(manifests, [], { TEST_RUN: as, XDG_RUNTIME_DIR: folder });
  await pilotlight.until(() => pilotlight.events.filter(({ event }) => event === "pod-ready").length === 2);
  return pilotlight;
};
const left = (as = mark): string[] => processesWith("TEST_RUN", as);
const runFiles = (): string[] => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)));

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends every process, in good order",
  async (signal) => {
    await using pilotlight = await start();
    expect(runFiles()).toHaveLength(1);
    expect(await pilotlight.end(signal)).toBe(0);
    expect(left()).toEqual([]);
    expect(runFiles()).toEqual([]);
    const exits = pilotlight.events.filter(({ event }) => event === "pod-exited");
    expect(exits.map(({ signal }) => signal)).toEqual(["SIGTERM", "SIGTERM"]);
    expect(pilotlight.events.at(-1)).toMatchObject({ event: "stopped" });
  },
);

test("a pod that takes no notice of SIGTERM is killed after its grace period", async () => {
  await using pilotlight = await start({ STUBBORN: "1" }, { more: { terminationGracePeriodSeconds: 1 } });
  expect(await pilotlight.end("SIGTERM")).toBe(0);
  expect(left()).toEqual([]);
  const exits = pilotlight.events.filter(({ event }) => event === "pod-exited");
  expect(exits.map(({ signal }) => signal)).toEqual(["SIGKILL", "SIGKILL"]);
  expect(pilotlight.stderr).toContain("never mind");
});

test("a second signal ends everything at once", async () => {
  await using pilotlight = await start({ STUBBORN: "1" }, { more: { terminationGracePeriodSeconds: 3600 } });
  const ended = pilotlight.end("SIGINT");
  await pilotlight.until(() => pilotlight.stderr.includes("never mind"));
  process.kill(pilotlight.pid, "SIGINT");
  expect(await ended).toBe(0);
  expect(left()).toEqual([]);
});

test.each(["near", "away"])(
  "children of pods end with them, even those that left their group: %s",
  async (CHILD) => {
    await using pilotlight = await start({ CHILD });
    await expect.poll(() => left().filter((line) => line.includes("sleep 1000")), soon).toHaveLength(2);
    expect(await pilotlight.end("SIGTERM")).toBe(0);
    expect(left()).toEqual([]);
  },
);

test("a running request is answered before its pod ends; a new connection is refused", async () => {
  await using pilotlight = await start();
  const url = pilotlight.url("two");
  const running = ask(`${url}/?ms=1000`);
  await ask(url);
  const ended = pilotlight.end("SIGTERM");
  await pilotlight.until(({ event }) => event === "stopping");
  await expect
    .poll(
      () =>
        ask(url).then(
          () => "answered",
          (error: Error) => error.message,
        ),
      soon,
    )
    .toMatch(/ECONNREFUSED/);
  expect((await running).status).toBe(200);
  expect(await ended).toBe(0);
});

test("what is left after SIGKILL is found and ended by the next start", async () => {
  await using killed = await start({ CHILD: "away", STUBBORN: "1" });
  await expect.poll(() => left().filter((line) => line.includes("sleep 1000")), soon).toHaveLength(2);
  expect(await killed.end("SIGKILL")).toBeNull();
  await expect.poll(() => left().length, soon).toBe(4);
  const other = randomUUID();
  await using next = await start({}, { as: other });
  const leftovers = next.events.find(({ event }) => event === "leftovers")!["pids"] as number[];
  expect(leftovers).toHaveLength(4);
  await expect.poll(() => left(), soon).toEqual([]);
  expect(runFiles()).toHaveLength(1);
  expect((await ask(next.url("two"))).status).toBe(200);
});

test("two at once leave each other's pods alone", async () => {
  await using first = await start();
  const other = randomUUID();
  const second = await start({}, { as: other });
  expect(second.events.filter(({ event }) => event === "leftovers")).toEqual([]);
  expect(runFiles()).toHaveLength(2);
  expect(await second.end("SIGTERM")).toBe(0);
  await second[Symbol.asyncDispose]();
  expect(left(other)).toEqual([]);
  expect((await ask(first.url("two"))).status).toBe(200);
  expect(first.events.filter(({ event }) => event === "pod-exited")).toEqual([]);
});
