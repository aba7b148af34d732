import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a command printed and how it ended. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** Given to the command's standard input, which is closed otherwise. */
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Let the user see its output as it comes, instead of returning it. */
  readonly show?: boolean;
}

/** A command that failed: its last words are the message. */
class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly result: Result;
  constructor(argv: readonly string[], result: Result) {
    const words = (result.stderr || result.stdout).trim().split("\n").slice(-15).join("\n");
    super(`exit ${result.code}: ${argv.join(" ")}\n${words}`);
    this.result = result;
  }
}

/** Runs a command to its end; its exit code is for the caller to judge. */
export const tryExec = async (argv: readonly string[], options: ExecOptions = {}): Promise<Result> => {
  const output = options.show === true ? "inherit" : "pipe";
  const child = spawn(argv[0]!, argv.slice(1), {
    stdio: [options.input === undefined ? "ignore" : "pipe", output, output],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    signal: options.signal,
  });
  const said = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  child.stdin?.on("error", () => {}); // a command may end without reading all of it
  child.stdin?.end(options.input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 128, ...said };
};

/** Runs a command to its end; throws `CommandFailed` when its exit code is not 0. */
export const exec = async (argv: readonly string[], options: ExecOptions = {}): Promise<Result> => {
  const result = await tryExec(argv, options);
  if (result.code !== 0) throw new CommandFailed(argv, result);
  return result;
};

/** Asks until the answer is not `undefined`; throws what was waited for after `limit` milliseconds. */
export const until = async <T>(
  what: string,
  limit: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> => {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`waited ${limit / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
