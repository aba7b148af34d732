import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { distribution } from "../report/distribution.ts";
import { stripChart } from "../report/svg.ts";
import { distributionTable } from "../report/table.ts";
import { measureFloor } from "./floor.ts";

const APP = resolve(import.meta.dirname, "hello.mjs");

/**
 * Compares the process's own start with the first answer through Pilotlight: one Service a run, each at zero
 * until its only request, so that no run waits for a window to pass; the two are interleaved.
 */
export const runLocal = async (runs: number, out: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "pilotlight-bench-"));
  const manifest = join(folder, "services.yaml");
  writeFileSync(manifest, Array.from({ length: runs + 1 }, (_, i) => service(`hello-${i}`)).join("---\n"));
  const pilotlight = spawn(process.execPath, ["cli/main.ts", "local", "--json", "-f", manifest], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const urls = await readyUrls(pilotlight);
    await measureFloor([process.execPath, APP]);
    await firstAnswer(urls[runs]!);
    const floor: number[] = [];
    const through: number[] = [];
    for (let i = 0; i < runs; i++) {
      floor.push(await measureFloor([process.execPath, APP]));
      through.push(await firstAnswer(urls[i]!));
    }
    report({ floor, through }, out);
  } finally {
    pilotlight.kill("SIGTERM");
    await once(pilotlight, "exit");
    rmSync(folder, { recursive: true });
  }
};

const service = (name: string): string =>
  [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, annotations: { "autoscaling.knative.dev/window": "6s" } },
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: "hello", image: "hello", command: [process.execPath, APP] }] },
        },
      },
    },
  ]
    .map((object) => `${JSON.stringify(object)}\n`)
    .join("---\n");

/** The URLs of the Services, in the order of the manifest, once all of them listen. */
const readyUrls = async (pilotlight: ChildProcess): Promise<string[]> => {
  for await (const line of createInterface({ input: pilotlight.stdout! })) {
    const event = JSON.parse(line) as { event: string; services?: { name: string; url: string }[] };
    if (event.event !== "ready") continue;
    const byName = new Map(event.services!.map(({ name, url }) => [name.replace(/^.*\//, ""), url]));
    pilotlight.stdout!.resume();
    return Array.from({ length: byName.size }, (_, i) => byName.get(`hello-${i}`)!);
  }
  throw new Error("pilotlight local ended before it was ready");
};

/** Milliseconds from sending a request on a new connection to the last byte of its answer. */
const firstAnswer = async (url: string): Promise<number> => {
  const start = performance.now();
  const body = await new Promise<string>((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(`${response.statusCode} ${text}`)).on("error", reject);
    });
    request.on("error", reject);
  });
  const took = performance.now() - start;
  if (body !== "200 hello\n") throw new Error(`wrong answer: ${body}`);
  return took;
};

const report = ({ floor, through }: { floor: number[]; through: number[] }, out: string): void => {
  const rows = new Map([
    ["process's own start", floor],
    ["through Pilotlight", through],
  ]);
  const [a, b] = [distribution(floor), distribution(through)];
  console.log(distributionTable(rows, "ms"));
  console.log(
    `difference: p50 ${(b.p50 - a.p50).toFixed(1)} ms, p95 ${(b.p95 - a.p95).toFixed(1)} ms (goal: 5 and 15)`,
  );
  writeFileSync(out, stripChart("Cold start on one machine", rows, "ms"));
  console.log(`picture: ${out}`);
};
