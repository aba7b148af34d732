import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deployment, documents, scaled, service } from "../helpers/manifest-text.ts";
import { processesWith } from "../helpers/processes.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pilotlight-refused-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs it on a manifest, from the manifest's folder, so that paths in messages are short. */
const run = (text: string, ...args: string[]) => {
  writeFileSync(join(folder, "all.yaml"), text);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(process.cwd(), "cli/main.ts"), "local", "-f", "all.yaml", ...args],
    { cwd: folder, encoding: "utf8", env: { ...process.env, XDG_RUNTIME_DIR: folder, TEST_RUN: folder } },
  );
  return { status, stdout: stdout.replaceAll(/^\d\d:\d\d:\d\d /gm, ""), stderr };
};

const wrong = documents(
  service("first", { annotations: `${scaled}, autoscaling.knative.dev/window: 1s` }),
  deployment("first", "image: first"),
  service("second", { app: "nobody" }),
);

test("all problems are listed, each with file, line, document, object, field and remedy", () => {
  expect(run(wrong)).toEqual({
    status: 64,
    stdout: `\
all.yaml:4 (document 1): Service default/first metadata.annotations["autoscaling.knative.dev/window"]: expected 6s <= 1s <= 1h0m0s
    → correct the value; README.md lists the annotations and what they may be
all.yaml:19 (document 2): Deployment default/first spec.template.spec.containers[0].command: missing: a pod is a process here, not a container of an image
    → write the command that starts it, which listens on the port in $PORT: command: [node, server.mjs]
all.yaml:26 (document 3): Service default/second spec.selector: selects nothing: no Deployment of the Service's namespace has pods with these labels
    → write labels of a Deployment's spec.template.metadata, or add the Deployment
`,
    stderr: "pilotlight: 3 problems, nothing was started\n",
  });
});

test("and as objects for programs", () => {
  const { status, stdout } = run(wrong, "--json");
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(status).toBe(64);
  expect(events[2]).toEqual({
    event: "problem",
    at: expect.any(Number),
    fatal: true,
    file: "all.yaml",
    document: 3,
    line: 26,
    object: "Service default/second",
    field: "spec.selector",
    message: "selects nothing: no Deployment of the Service's namespace has pods with these labels",
    remedy: "write labels of a Deployment's spec.template.metadata, or add the Deployment",
  });
  expect(events).toHaveLength(3);
});

test("a port that somebody else has is refused, and nothing half-started is left", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { status, stdout } = run(
    documents(
      service("always", { annotations: 'autoscaling.knative.dev/min-scale: "1"' }),
      deployment("always", 'command: [node, "-e", "setInterval(() => {}, 1000)"]'),
      service("taken", { annotations: `${scaled}, pilotlight.dev/local-port: "${port}"` }),
      deployment("taken"),
    ),
  );
  other.close();
  expect(status).toBe(64);
  expect(stdout).toBe(
    `all.yaml:24 (document 3): Service default/taken metadata.annotations["pilotlight.dev/local-port"]: ` +
      `port ${port} of 127.0.0.1 is taken by another process\n` +
      "    → end that process, name another port, or take the annotation off for a free one\n",
  );
  expect(processesWith("TEST_RUN", folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["all.yaml"]);
});

test("an admin port that somebody else has is refused, and no pod that was started is left", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const always = documents(
    service("always", { annotations: 'autoscaling.knative.dev/min-scale: "1"' }),
    deployment("always", 'command: [node, "-e", "setInterval(() => {}, 1000)"]'),
  );
  const { status, stderr } = run(always, "--admin-port", String(port));
  other.close();
  expect(status).toBe(64);
  expect(stderr).toMatch(
    /^pilotlight: cannot listen: .*EADDRINUSE.*\n {4}→ end the process .*--admin-port\n$/,
  );
  expect(processesWith("TEST_RUN", folder)).toEqual([]);
});

test.each([
  [["local"], "pilotlight: which manifests? -f FILE_OR_DIR\nTry: pilotlight local --help\n"],
  [
    ["local", "-f", "x", "--jsn"],
    "pilotlight: unknown option --jsn; did you mean --json?\nTry: pilotlight local --help\n",
  ],
  [["local", "-f", "x", "--log-level", "loud"], /^pilotlight: --log-level: "loud" is none of .*\n/],
  [["local", "-f", "x", "--admin-port", "70000"], /^pilotlight: --admin-port: "70000" is not a port/],
  [["lokal"], "pilotlight: unknown command lokal; did you mean local?\nTry: pilotlight --help\n"],
  [["--versio"], "pilotlight: unknown option --versio\nTry: pilotlight --help\n"],
  [[], "pilotlight: which command?\nTry: pilotlight --help\n"],
])("pilotlight %j is told what is wrong", (args, text) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/main.ts", ...args], {
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([64, ""]);
  if (typeof text === "string") expect(stderr).toBe(text);
  else expect(stderr).toMatch(text);
});

test("help and version", () => {
  const say = (...args: string[]): string => {
    const { status, stdout } = spawnSync(process.execPath, ["cli/main.ts", ...args], { encoding: "utf8" });
    expect(status).toBe(0);
    return stdout;
  };
  expect(say("--help")).toMatch(/^ {2}local +run the Services of some manifests on this machine/m);
  expect(say("-h")).toBe(say("help"));
  expect(say("local", "--help")).toMatch(/^ {2}-f, --filename FILE_OR_DIR +a manifest/m);
  expect(say("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
});
