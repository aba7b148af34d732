import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { until } from "../../test/helpers/until.ts";

/** A server that runs for as long as the bench. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

export interface StartOptions {
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The core it may use; undefined = any. */
  readonly core: string | undefined;
}

/** Starts a server and waits until it accepts. */
export const start = async (command: readonly string[], options: StartOptions): Promise<Running> => {
  const { port, core, env } = options;
  const [file = "", ...args] = core === undefined ? command : ["taskset", "-c", core, ...command];
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "spawn");
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${command[0]} ended with ${child.exitCode}`);
    return accepts(port);
  }, `${command[0]} on port ${port}`);
  return { pid: child.pid!, port, stop: () => end(child) };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
};

/** CPU time that a process has used so far, in microseconds; the kernel counts in steps of 10 ms. */
export const cpuMicros = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};

/** Memory that a process holds, in bytes. */
export const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
