import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Http2Pod } from "../helpers/http2-pod.ts";
import { PortPath } from "../helpers/port-path.ts";
import { run } from "./program.ts";
import { toolPath } from "./tools.ts";

const body = "an answer that is long enough for the tests of flow control\n";

// Both read the whole request first: h2spec breaks rules within a body and does not expect an answer by then.
const pod = await Http2Pod.start((stream) => {
  stream.resume().on("end", () => {
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "content-length": String(body.length) });
    stream.end(body);
  });
});
const old = createServer((request, response) => {
  request.resume().on("end", () => response.end(body));
});
let h2c: PortPath;
let http1: PortPath;

beforeAll(async () => {
  await once(old.listen(0, "127.0.0.1"), "listening");
  const { port } = old.address() as AddressInfo;
  h2c = await PortPath.start("h2c", { dests: [pod.dest] });
  const dest = { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
  http1 = await PortPath.start("http1", { dests: [dest] });
});
afterAll(async () => {
  await Promise.all([h2c, http1, pod].map((part) => part[Symbol.asyncDispose]()));
  old.close();
});

const h2spec = ({ host, port }: PortPath, ...sections: string[]) =>
  run(toolPath("h2spec"), ["-h", host, "-p", String(port), "-o", "5", ...sections]);

test("all of h2spec passes on a port that speaks HTTP/2", async () => {
  const { code, output } = await h2spec(h2c);
  expect(output).toMatch(/\b0 skipped, 0 failed/);
  expect(code).toBe(0);
}, 300_000);

test("all but one passes on a port of both versions: what is not the preface gets HTTP/1.1's 400", async () => {
  const { output } = await h2spec(http1);
  const failures = output.slice(output.indexOf("Failures:"));
  expect(failures).toMatch(/\b0 skipped, 1 failed/);
  expect(failures).toContain("2: Sends invalid connection preface");
}, 300_000);
