import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { until } from "../helpers/until.ts";
import { Pilotlight } from "../helpers/pilotlight.ts";

/** `pilotlight explain` against a running `pilotlight local`. */

const folder = mkdtempSync(join(tmpdir(), "pilotlight-explain-"));
const env = { XDG_RUNTIME_DIR: folder };
afterAll(() => rmSync(folder, { recursive: true }));

const explain = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["cli/main.ts", "explain", ...args],
      { env: { ...process.env, ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

const program = `require("node:http").createServer((_, r) => r.end("hello")).listen(process.env.PORT)`;

const manifests = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "hello" },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "hello" } },
      template: {
        metadata: { labels: { app: "hello" } },
        spec: { containers: [{ name: "hello", command: [process.execPath, "-e", program] }] },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "hello",
      annotations: { "autoscaling.knative.dev/window": "30s", "autoscaling.knative.dev/target": "10" },
    },
    spec: { selector: { app: "hello" }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

test("without anything to ask it says so, with the way out", async () => {
  const { code, err } = await explain("hello");
  expect(code).toBe(1);
  expect(err).toContain("--admin");
});

test("it finds the local cluster, and tells observed values, target and what keeps it from zero", async () => {
  await using pilotlight = await Pilotlight.start(manifests, [], env);
  const idle = await explain("hello");
  expect(idle).toMatchObject({ code: 0, err: "" });
  expect(idle.out).toContain("default/hello:");
  expect(await (await fetch(pilotlight.url("hello"))).text()).toBe("hello");
  // The autoscaler sees at its next tick that the pod is ready; from then on there is an end in sight.
  const answer = await until(async () => {
    const { out } = await explain("default/hello");
    return /zero when .*\(\d+(\.\d+)? s more\)/.test(out) && out;
  });
  expect(answer).toContain("target    7 per pod, of 10 that it can take");
  expect(answer).toContain("active since");
  const json = JSON.parse((await explain("hello", "--json")).out) as Record<string, unknown>;
  expect(json).toMatchObject({ service: "default/hello", bounds: { min: 0, max: 0 } });
  const unknown = await explain("other");
  expect([unknown.code, unknown.err]).toEqual([
    1,
    "pilotlight explain: no Service default/other is scaled there\n",
  ]);
});

test("a dead address is told, arguments that cannot be are 64", async () => {
  const dead = await explain("hello", "--admin", "http://127.0.0.1:9");
  expect(dead.code).toBe(1);
  expect(dead.err).toContain("nobody answers at http://127.0.0.1:9");
  expect((await explain()).code).toBe(64);
  expect((await explain("a/b/c")).code).toBe(64);
  expect((await explain("hello", "--admin", "nonsense")).code).toBe(64);
  expect((await explain("hello", "--admin", "http://x", "--cluster")).code).toBe(64);
});
