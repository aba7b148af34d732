import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { nginxApp } from "./nginx.ts";
import { succeed } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "pilotlight-https-"));
const file = (name: string): string => join(folder, name);
let pilotlight: Pilotlight;

const server = `
  listen 127.0.0.1:PORT ssl http2;
  ssl_certificate ${file("cert.pem")}; ssl_certificate_key ${file("key.pem")};
  location = /name { return 200 "$ssl_server_name $server_protocol\n"; }`;

beforeAll(async () => {
  const subject = ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"];
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", file("key.pem"), "-out", file("cert.pem")];
  await succeed("openssl", ["req", "-x509", "-days", "2", ...key, ...subject]);
  mkdirSync(file("www"), { mode: 0o755 });
  writeFileSync(join(file("www"), "big"), randomBytes(20_000_000));
  pilotlight = await Pilotlight.start(
    app({
      ...nginxApp("https", folder, server),
      annotations: { "autoscaling.knative.dev/max-scale": "1", "pilotlight.dev/protocol": "tls" },
    }),
  );
});

afterAll(async () => {
  await pilotlight[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const curl = (path: string, ...more: string[]): Promise<string> => {
  const { hostname, port } = new URL(pilotlight.url("https"));
  const resolve = ["--resolve", `shop.example:${port}:${hostname}`, "--cacert", file("cert.pem")];
  return succeed("curl", ["-sS", ...resolve, ...more, `https://shop.example:${port}${path}`]);
};

test("the first connection starts it; certificate, server name and protocol are between client and pod", async () => {
  expect(pilotlight.events.map(({ event }) => event)).toEqual(["ready"]);
  expect(await curl("/name")).toBe("shop.example HTTP/2.0\n");
  expect(await curl("/name", "--http1.1")).toBe("shop.example HTTP/1.1\n");
  expect(pilotlight.events.some(({ event }) => event === "cold-start")).toBe(true);
});

test("20 MB arrive unchanged", async () => {
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  await curl("/big", "-o", file("copy"));
  expect(digest(file("copy"))).toBe(digest(join(file("www"), "big")));
});
