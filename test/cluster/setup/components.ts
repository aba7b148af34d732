import { readFileSync, writeFileSync } from "node:fs";
import { exec, tryExec, until } from "./exec.ts";
import { enterSandbox } from "./sandbox.ts";
import type { StateDir } from "./state.ts";

/** Starts a component inside, with its output in log/NAME.log; what is needed to start it again is kept. */
export const startComponent = async (
  state: StateDir,
  name: string,
  argv: readonly string[],
): Promise<void> => {
  writeFileSync(state.at("run", `${name}.json`), JSON.stringify(argv));
  await launch(state, name, argv);
};

/** Ends a component at once, as a crash would. */
export const killComponent = async (state: StateDir, name: string): Promise<void> => {
  const pid = readFileSync(state.at("run", `${name}.pid`), "utf8").trim();
  const inside = enterSandbox(state);
  await exec([...inside, "kill", "-KILL", pid]);
  await until(`the end of ${name}`, 20_000, async () =>
    (await tryExec([...inside, "kill", "-0", pid])).code === 0 ? undefined : true,
  );
};

/** Starts a component that was killed, as it was started before. */
export const restartComponent = (state: StateDir, name: string): Promise<void> =>
  launch(state, name, JSON.parse(readFileSync(state.at("run", `${name}.json`), "utf8")) as string[]);

const launch = async (state: StateDir, name: string, argv: readonly string[]): Promise<void> => {
  const script = 'log=$1 pidfile=$2; shift 2; setsid "$@" >>"$log" 2>&1 </dev/null & echo $! >"$pidfile"';
  const files = [state.at("log", `${name}.log`), state.at("run", `${name}.pid`)];
  await exec([...enterSandbox(state), "sh", "-c", script, "sh", ...files, ...argv], { cwd: state.root });
};

/** `undefined` while a component of the cluster runs; the end of its log when it has ended by itself. */
export const whyEnded = async (state: StateDir, name: string): Promise<string | undefined> => {
  const pid = readFileSync(state.at("run", `${name}.pid`), "utf8").trim();
  if ((await tryExec([...enterSandbox(state), "kill", "-0", pid])).code === 0) return undefined;
  const lines = readFileSync(state.at("log", `${name}.log`), "utf8")
    .trim()
    .split("\n");
  return `${name} ended by itself:\n${lines.slice(-20).join("\n")}`;
};
