import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Builds one of the Go programs beside this file, which need no packages, and gives its path. */
export const goProgram = async (
  name: "upstream" | "reverse-proxy" | "echo-load",
  folder: string,
): Promise<string> => {
  const program = join(folder, name);
  const cwd = resolve(import.meta.dirname, "go", name);
  await run("go", ["build", "-o", program, "."], { cwd }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === "ENOENT"
        ? "Go is needed for the upstream, for its proxy and for the load of the echo rows"
        : error.message,
      { cause: error },
    );
  });
  return program;
};
