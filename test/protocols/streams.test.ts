import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { until } from "../helpers/until.ts";
import { nginxApp } from "./nginx.ts";
import { succeed } from "./program.ts";

/** CGI scripts of Python's own server: they go on when the test makes a file. */
const waitFor = (file: string) => `until [ -e "${file}" ]; do sleep 0.02; done`;
const scripts = (folder: string): Record<string, string> => ({
  events: `printf 'Content-Type: text/event-stream\\r\\n\\r\\n'
for i in 1 2 3; do printf 'data: %s\\n\\n' $i; ${waitFor(`${folder}/go/$i`)}; done`,
  poll: `${waitFor(`${folder}/go/answer`)}; printf 'Content-Type: text/plain\\r\\n\\r\\nat last'`,
});

const folder = mkdtempSync(join(tmpdir(), "pilotlight-streams-"));
const go = (what: string): void => writeFileSync(join(folder, "go", what), "");
let pilotlight: Pilotlight;

/** A Service at zero whose two ports are nginx (HTTP/1.1, chunked) and Python (HTTP/1.0, until the connection ends). */
const manifests = (): object[] => {
  const server = `listen 127.0.0.1:PORT; location / {
    proxy_pass http://127.0.0.1:CGI; proxy_http_version 1.1; proxy_buffering off; proxy_read_timeout 60s; }`;
  const nginx = nginxApp("streams", folder, server);
  const start = `cd ${folder} && python3 -m http.server --cgi --bind 127.0.0.1 $PORT_CGI &
    until curl -so /dev/null http://127.0.0.1:$PORT_CGI/; do sleep 0.05; done
    CONFIGURATION=$(printf %s "$CONFIGURATION" | sed "s/CGI/$PORT_CGI/"); ${nginx.command.at(-1)}`;
  const [service, deployment] = app({
    ...nginx,
    command: ["sh", "-c", start],
    annotations: {
      "autoscaling.knative.dev/max-scale": "1",
      "autoscaling.knative.dev/window": "6s",
      "pilotlight.dev/response-start-timeout-seconds": "5",
    },
  }) as [{ spec: object }, object];
  Object.assign(service.spec, {
    ports: [
      { name: "nginx", port: 80 },
      { name: "cgi", port: 81 },
    ],
  });
  return [service, deployment];
};

beforeAll(async () => {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "cgi-bin"));
  for (const [name, text] of Object.entries(scripts(folder)))
    writeFileSync(join(folder, "cgi-bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
});
beforeEach(async () => {
  rmSync(join(folder, "go"), { recursive: true, force: true });
  mkdirSync(join(folder, "go"));
  pilotlight = await Pilotlight.start(manifests());
});
afterEach(() => pilotlight[Symbol.asyncDispose]());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const urlOf = (port: string, path: string): string => {
  const [{ ports }] = pilotlight.events.find(({ event }) => event === "ready")!["services"] as [
    { ports: { name: string; url: string }[] },
  ];
  return `${ports.find(({ name }) => name === port)!.url}/cgi-bin/${path}`;
};

/** curl, and what it has written so far. */
const follow = (...args: string[]): { curl: ChildProcessWithoutNullStreams; text: () => string } => {
  const curl = spawn("curl", ["-sSN", ...args]);
  let text = "";
  curl.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return { curl, text: () => text };
};

describe.each([
  ["HTTP/1.1", "--http1.1"],
  ["HTTP/2", "--http2-prior-knowledge"],
])("curl by %s, a Service at zero", (_, version) => {
  test.each(["nginx", "cgi"])("%s: each event comes while the stream is open", async (port) => {
    const { curl, text } = follow(version, urlOf(port, "events"));
    const ended = once(curl, "close") as Promise<[number]>;
    for (const [i, all] of ["data: 1\n\n", "data: 1\n\ndata: 2\n\n"].entries()) {
      // The script writes the next one only when it is told to, so that nothing but the stream can bring this one.
      await until(() => text() === all, `event ${i + 1} in ${JSON.stringify(text())}`);
      expect(curl.exitCode).toBe(null);
      go(String(i + 1));
    }
    await until(() => text().endsWith("data: 3\n\n"), "the third event");
    go("3");
    expect(await ended).toEqual([0, null]);
    expect(pilotlight.events.filter(({ event }) => event === "cold-start").length).toBe(1);
  });

  test("an answer that is long in coming is waited for within the Service's limit, and not beyond", async () => {
    const url = urlOf("nginx", "poll");
    const { curl, text } = follow(version, "-w", " %{http_code}", url);
    const ended = once(curl, "close");
    await pilotlight.until(({ event }) => event === "cold-start");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(text()).toBe("");
    go("answer");
    await ended;
    expect(text()).toBe("at last 200");
    rmSync(join(folder, "go", "answer"));
    expect(await succeed("curl", ["-sS", version, "-w", " %{http_code}", url])).toMatch(
      /"code":"response_start_timeout"[\s\S]* 504$/,
    );
  });
});
