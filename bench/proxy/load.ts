import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Row, browserFields } from "./rows.ts";

const run = promisify(execFile);

/** What one run of the load generator saw. Latencies in microseconds. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Throws what to do when the load generator is not there. */
export const needLoadGenerator = async (): Promise<void> => {
  await run("wrk", ["-v"]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Error("wrk is needed for the load: install Debian's package (apt-get install wrk)");
  });
};

/** wrk's own report has no p99.9: a script prints what is wanted, as one line. */
const report = `
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`;

const scriptOf = (row: Row): string => {
  const lines = [`wrk.method = "${row.method ?? "GET"}"`, `wrk.headers["Host"] = "hello.default"`];
  if (row.bodyBytes !== undefined) lines.push(`wrk.body = string.rep("x", ${row.bodyBytes})`);
  if (row.browser === true) {
    lines.push(`wrk.headers["Connection"] = "keep-alive"`);
    for (const [name, value] of browserFields) lines.push(`wrk.headers["${name}"] = "${value}"`);
  }
  return lines.join("\n") + report;
};

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The core the generator may use; undefined = any. */
  readonly core: string | undefined;
  readonly folder: string;
}

/** One closed loop of requests, one thread. */
export const load = async (row: Row, options: LoadOptions): Promise<Load> => {
  const { port, connections, seconds, core, folder } = options;
  const script = join(folder, `${row.name}.lua`);
  writeFileSync(script, scriptOf(row));
  const args = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script];
  const url = `http://127.0.0.1:${port}${row.path}`;
  const pinned = core === undefined ? args : ["taskset", "-c", core, ...args];
  const { stdout } = await run(pinned[0]!, [...pinned.slice(1), url]);
  const line = /RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(stdout);
  if (line === null) throw new Error(`wrk said nothing to go by:\n${stdout}`);
  const [requests, micros, errors, p50, p99, p999] = line.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { requests, seconds: micros / 1e6, errors, p50, p99, p999 };
};
