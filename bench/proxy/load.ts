import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { quantile } from "../report/distribution.ts";
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

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The core the generator may use; undefined = any. */
  readonly core: string | undefined;
  /** Where `echo-load` has been built, and where files may be left. */
  readonly folder: string;
}

/** Throws what to do when a load generator is not there. */
export const needLoadGenerators = async (rows: readonly Row[]): Promise<void> => {
  const needed = new Set(rows.map((row) => (row.kind === "grpc" ? "h2load" : "wrk")));
  for (const program of needed) {
    await run(program, ["--version"]).catch((error: NodeJS.ErrnoException) => {
      const name = program === "wrk" ? "wrk" : "nghttp2-client";
      if (error.code === "ENOENT")
        throw new Error(`${program} is needed for the load: install Debian's package ${name}`);
    });
  }
};

/** One closed loop of requests, one thread. */
export const load = (row: Row, options: LoadOptions): Promise<Load> => {
  if (row.kind === "grpc") return loadGrpc(row, options);
  return row.echo === undefined ? loadHttp(row, options) : loadEcho(row.echo, options);
};

const pinned = async (args: readonly string[], core: string | undefined): Promise<string> => {
  const [file = "", ...rest] = core === undefined ? args : ["taskset", "-c", core, ...args];
  return (await run(file, rest)).stdout;
};

/** Requests, microseconds, errors and three percentiles. */
const resultIn = (stdout: string): Load => {
  const line = /RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(stdout);
  if (line === null) throw new Error(`the load generator said nothing to go by:\n${stdout}`);
  const [requests = 0, micros = 0, errors = 0, p50 = 0, p99 = 0, p999 = 0] = line.slice(1).map(Number);
  return { requests, seconds: micros / 1e6, errors, p50, p99, p999 };
};

const loadHttp = async (row: Row, options: LoadOptions): Promise<Load> => {
  const { port, connections, seconds, core, folder } = options;
  const script = join(folder, `${row.name}.lua`);
  writeFileSync(script, scriptOf(row));
  const url = `http://127.0.0.1:${port}${row.path}`;
  const args = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, url];
  return resultIn(await pinned(args, core));
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

const loadEcho = async (
  echo: "websocket" | "tcp",
  { port, connections, seconds, core, folder }: LoadOptions,
): Promise<Load> => {
  const args = [join(folder, "echo-load"), echo, port, connections, seconds].map(String);
  return resultIn(await pinned(args, core));
};

/** A message as gRPC frames it: not compressed, its length, 64 bytes. */
export const grpcMessage = Buffer.concat([Buffer.from([0, 0, 0, 0, 64]), Buffer.alloc(64, "m")]);

/** Few connections with several calls each, as gRPC's clients do. */
const callsPerConnection = 4;

const loadGrpc = async (row: Row, options: LoadOptions): Promise<Load> => {
  const { port, connections, seconds, core, folder } = options;
  const [message, log] = [join(folder, "grpc-message"), join(folder, "grpc-log")];
  writeFileSync(message, grpcMessage);
  rmSync(log, { force: true });
  const calls = Math.min(connections, callsPerConnection);
  const args = ["h2load", "-t1", "-c", connections / calls, "-m", calls, "-D", seconds, "-d", message].map(
    String,
  );
  args.push(`--log-file=${log}`, "-H", "content-type: application/grpc", "-H", "te: trailers");
  const stdout = await pinned([...args, `http://127.0.0.1:${port}${row.path}`], core);
  const counts = /requests: .*?(\d+) succeeded, (\d+) failed, (\d+) errored/.exec(stdout);
  if (counts === null) throw new Error(`h2load said nothing to go by:\n${stdout}`);
  const [requests = 0, failed = 0, errored = 0] = counts.slice(1).map(Number);
  const micros = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Number(line.split("\t")[2]))
    .sort((a, b) => a - b);
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((q) => quantile(micros, q)) as [number, number, number];
  return { requests, seconds, errors: failed + errored, p50, p99, p999 };
};
