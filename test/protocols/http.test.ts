import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { nginxApp } from "./nginx.ts";
import { succeed } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "pilotlight-http-"));
let pilotlight: Pilotlight;

const server = `
  listen 127.0.0.1:PORT;
  location = /seen { return 200 "$request_method $server_protocol $host $http_x_forwarded_for\\n"; }
  location = /gone { return 410; }
  # Reads the whole body first, which "return" does not: curl 7.88 never ends an HTTP/2 upload that is answered early.
  location = /upload { proxy_http_version 1.1; proxy_pass http://127.0.0.1:PORT/seen; }`;

beforeAll(async () => {
  mkdirSync(join(folder, "www"));
  writeFileSync(join(folder, "www", "digits"), "0123456789");
  pilotlight = await Pilotlight.start(
    app({ ...nginxApp("http", folder, server), annotations: { "autoscaling.knative.dev/max-scale": "1" } }),
  );
});

afterAll(async () => {
  await pilotlight[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ["HTTP/1.1", "--http1.1"],
  ["HTTP/2 with prior knowledge", "--http2-prior-knowledge"],
  ["an upgrade to HTTP/2, which is ignored", "--http2"],
])("curl by %s, a pod that is nginx", (_, version) => {
  const curl = (path: string, ...more: string[]): Promise<string> =>
    succeed("curl", ["-sS", version, ...more, `${pilotlight.url("http")}${path}`]);
  const status = ["-o", "/dev/null", "-w", "%{http_code} %{http_version}"];
  const spoken = version === "--http2-prior-knowledge" ? "2" : "1.1";

  test("the pod sees HTTP/1.1, the Host and the client's address", async () => {
    const { hostname } = new URL(pilotlight.url("http"));
    expect(await curl("/seen")).toBe(`GET HTTP/1.1 ${hostname} 127.0.0.1\n`);
    expect(await curl("/seen", "-H", "Host: shop.example")).toBe("GET HTTP/1.1 shop.example 127.0.0.1\n");
    expect(await curl("/seen", ...status)).toBe(`200 ${spoken}`);
  });

  test("ranges: one, several, none that can be", async () => {
    expect(await curl("/digits", "-r", "2-4")).toBe("234");
    expect(await curl("/digits", "-r", "-3")).toBe("789");
    expect(await curl("/digits", "-r", "2-4", ...status)).toBe(`206 ${spoken}`);
    const parts = await curl("/digits", "-r", "0-1,8-9", "-i");
    expect(parts).toMatch(/multipart\/byteranges[\s\S]*\r\n\r\n01\r\n[\s\S]*\r\n\r\n89\r\n/);
    expect(await curl("/digits", "-r", "50-", ...status)).toBe(`416 ${spoken}`);
  });

  test("HEAD, 304 and an empty answer of an error", async () => {
    const head = await curl("/digits", "-I");
    expect(head).toMatch(/content-length: 10\r\n/i);
    const [, tag = ""] = /etag: (.*)\r\n/i.exec(head) ?? [];
    expect(await curl("/digits", "-H", `If-None-Match: ${tag}`, ...status)).toBe(`304 ${spoken}`);
    expect(await curl("/gone", ...status)).toBe(`410 ${spoken}`);
  });

  test("a body of 30 MB with and without an expectation", async () => {
    const file = join(folder, "upload");
    writeFileSync(file, Buffer.alloc(30_000_000));
    for (const expectation of ["Expect: 100-continue", "Expect:"]) {
      const answer = await curl("/upload", "-X", "POST", "--data-binary", `@${file}`, "-H", expectation);
      expect(answer).toMatch(/^POST HTTP\/1\.1 /);
    }
  });
});
