import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Outcome {
  readonly code: number | null;
  /** What it wrote to stdout and stderr, in order. */
  readonly output: string;
}

/** Runs a program to its end, whatever its exit code. */
export const run = async (command: string, args: readonly string[], input = ""): Promise<Outcome> => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
};

/** The same, but throws what it said when it fails. */
export const succeed = async (command: string, args: readonly string[], input = ""): Promise<string> => {
  const { code, output } = await run(command, args, input);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${output}`);
  return output;
};
