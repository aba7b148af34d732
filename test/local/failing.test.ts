import { resolve } from "node:path";
import { expect, test } from "vitest";
import { app, Pilotlight, type AppOptions } from "../helpers/pilotlight.ts";
import { ask, keepAsking } from "./ask.ts";

const command = [process.execPath, resolve(import.meta.dirname, "app.mjs")];

const start = (more: Partial<AppOptions>): Promise<Pilotlight> => Pilotlight.start(manifests(more));
const manifests = (more: Partial<AppOptions>): object[] =>
  app({
    name: "hello",
    command,
    ...more,
    annotations: { "autoscaling.knative.dev/max-scale": "3", ...more.annotations },
  });
const healthz = { readinessProbe: { httpGet: { path: "/healthz", port: 80 } } };

test("a pod that crashes at its start: the answer says how, and a mended manifest is used at once", async () => {
  await using pilotlight = await start({ env: { CRASH: "3" } });
  const { status, body } = await ask(pilotlight.url("hello"));
  expect([status, body]).toEqual([503, expect.stringContaining("CrashLoopBackOff")]);
  expect(body).toContain('exit code 3; last output: \\"no such table\\"');
  const exits = pilotlight.events.filter(({ event }) => event === "pod-exited");
  expect(exits.slice(0, 2)).toMatchObject([
    { code: 3, lastLine: "no such table", restartMs: 0 },
    { code: 3, lastLine: "no such table", restartMs: 1000 },
  ]);
  pilotlight.save(manifests({}));
  await pilotlight.until(({ event }) => event === "pod-ready");
  expect((await ask(pilotlight.url("hello"))).status).toBe(200);
});

test("a program that cannot be run once it is to be: the answer says so", async () => {
  await using pilotlight = await start({ command: ["$(NOWHERE)$(PORT)"], env: { NOWHERE: "/no/such/" } });
  const { status, body } = await ask(pilotlight.url("hello"));
  expect([status, body]).toEqual([503, expect.stringMatching(/exit code 127.*not found|ENOENT/)]);
});

test("a pod that never listens, or is never ready, ends the waiting at the Service's time limit", async () => {
  await using pilotlight = await Pilotlight.start([
    ...manifests({ name: "deaf", env: { START_MS: "3600000" }, annotations: limit }),
    ...manifests({ name: "never", env: { NEVER_READY: "1" }, annotations: limit, container: healthz }),
  ]);
  const answers = await Promise.all(["deaf", "never"].map((name) => ask(pilotlight.url(name))));
  expect(answers.map(({ status }) => status)).toEqual([504, 504]);
  for (const { body } of answers) expect(body).toContain("never_ready");
  expect(pilotlight.events.filter(({ event }) => event === "pod-ready")).toEqual([]);
});

const limit = { "pilotlight.dev/timeout-seconds": "2" };

test("a wrong probe path: never ready, and after a while it is said what the probe got", async () => {
  const wrong = { readinessProbe: { httpGet: { path: "/wrong", port: 80 } } };
  const program = `require("node:http").createServer((_, r) => r.writeHead(404).end()).listen(process.env.PORT, "127.0.0.1")`;
  await using pilotlight = await start({
    command: [process.execPath, "-e", program],
    annotations: limit,
    container: wrong,
  });
  const { status, body } = await ask(pilotlight.url("hello"));
  expect([status, body]).toEqual([504, expect.stringContaining("never_ready")]);
  expect(await pilotlight.until(({ event }) => event === "pod-unready")).toMatchObject({
    detail: "GET /wrong answered 404",
  });
});

test("a pod that stops being ready gets no more requests until it is again", async () => {
  const program = `let ready = true;
    require("node:http").createServer((request, response) => {
      if (request.url === "/toggle") ready = !ready;
      response.writeHead(request.url === "/healthz" && !ready ? 503 : 200).end(String(process.pid));
    }).listen(process.env.PORT, "127.0.0.1")`;
  const probe = { ...healthz.readinessProbe, periodSeconds: 1, failureThreshold: 1 };
  await using pilotlight = await start({
    command: [process.execPath, "-e", program],
    container: { readinessProbe: probe },
  });
  expect((await ask(pilotlight.url("hello"))).status).toBe(200);
  const started = await pilotlight.until(({ event }) => event === "pod-started");
  await pilotlight.until(({ event }) => event === "pod-ready");
  const own = `http://127.0.0.1:${(started["ports"] as number[])[0]}`;
  await ask(`${own}/toggle`);
  expect(await pilotlight.until(({ event }) => event === "pod-unready")).toMatchObject({
    detail: "GET /healthz answered 503",
  });
  const held = ask(pilotlight.url("hello"));
  await ask(`${own}/toggle`);
  expect((await held).status).toBe(200);
});

test("kill -9 of pods under load: no request that can be tried again fails", async () => {
  await using pilotlight = await start({ annotations: { "autoscaling.knative.dev/min-scale": "2" } });
  await pilotlight.until(() => pilotlight.events.filter(({ event }) => event === "pod-ready").length === 2);
  const stop = keepAsking(`${pilotlight.url("hello")}/`, 4, "GET");
  for (let kills = 1; kills <= 6; kills++) {
    const running = pilotlight.events.filter(({ event }) => event === "pod-started");
    process.kill(running.at(-1)!["pid"] as number, "SIGKILL");
    await pilotlight.until(
      () => pilotlight.events.filter(({ event }) => event === "pod-ready").length === 2 + kills,
    );
  }
  const answers = await stop();
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const exits = pilotlight.events.filter(({ event }) => event === "pod-exited");
  expect(exits.map(({ signal, restartMs }) => [signal, restartMs])).toEqual(
    Array.from({ length: 6 }, () => ["SIGKILL", 0]),
  );
}, 60_000);
