/** Starts a process in a group of its own and tells how it ended. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Clock } from "#core/clock.ts";
import type { Launchers } from "./launchers.ts";
import { eachLine, type LineSink } from "./lines.ts";
import { becomeScript } from "./shell.ts";

/** How a process ended. */
export interface Exit {
  /** 128 + signal's number is not used: a process that a signal ended has `signal` and no `code`. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not even be started: `ENOENT`. */
  readonly error: string | undefined;
  /** What it wrote last, for messages; empty when it wrote nothing. */
  readonly lastLine: string;
}

export interface ProcessSpec {
  readonly command: readonly [string, ...string[]];
  /** Variables beyond those that every process gets. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface ProcessDeps {
  readonly clock: Clock;
  /** The environment that every process starts from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Have the same environment. */
  readonly launchers: Pick<Launchers, "take">;
}

export interface ProcessEvents {
  readonly line: LineSink;
  /** Once, when the process has ended and its output is read; never before `startProcess` has returned. */
  exit(exit: Exit): void;
}

/** A process that leads a process group of its own. */
export interface PodProcess {
  /** undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Signals the whole group; a group that is gone is no error. */
  signal(signal: NodeJS.Signals): void;
}

/** Time for the last output to arrive after a process has ended; a grandchild may hold the pipe for ever. */
const OUTPUT_GRACE_MS = 200;

/**
 * Starts a process, in this very tick. When it ends by itself, what is left of its group is killed, as the
 * rest of a container is when its first process ends.
 */
export const startProcess = (spec: ProcessSpec, events: ProcessEvents, deps: ProcessDeps): PodProcess => {
  const child = become(spec, deps) ?? fork(spec, deps);
  if (child instanceof Error) return neverStarted(child, events);
  const last = { line: "" };
  const line: LineSink = (text, stream) => {
    if (text.trim() !== "") last.line = text;
    return events.line(text, stream);
  };
  if (child.stdout !== null) eachLine(child.stdout, (text) => line(text, "stdout"));
  if (child.stderr !== null) eachLine(child.stderr, (text) => line(text, "stderr"));
  const group: PodProcess = { pid: child.pid, signal: (signal) => signalGroup(child.pid, signal) };
  whenEnded(child, deps.clock, (end) => events.exit({ ...end, lastLine: last.line }), group);
  return group;
};

/** Makes a waiting shell the process; undefined when none waits. */
const become = (
  { command, variables, cwd }: ProcessSpec,
  { launchers }: ProcessDeps,
): ChildProcess | undefined => {
  const script = becomeScript({ command, variables, cwd });
  const launcher = script === undefined ? undefined : launchers.take();
  if (launcher === undefined) return undefined;
  // A shell that has just died is told by its exit.
  launcher.stdin.on("error", () => undefined);
  launcher.stdin.end(script);
  return launcher;
};

/** An error is thrown by `spawn` for what it does not tell by an event: too many arguments, no memory. */
const fork = ({ command, variables, cwd }: ProcessSpec, { env }: ProcessDeps): ChildProcess | Error => {
  try {
    return spawn(command[0], command.slice(1), {
      cwd,
      env: { ...env, ...variables },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return error as Error;
  }
};

const neverStarted = (error: NodeJS.ErrnoException, events: ProcessEvents): PodProcess => {
  const why = error.code ?? error.message;
  queueMicrotask(() => events.exit({ code: undefined, signal: undefined, error: why, lastLine: "" }));
  return { pid: undefined, signal: () => undefined };
};

const whenEnded = (
  child: ChildProcess,
  clock: Clock,
  tell: (end: Omit<Exit, "lastLine">) => void,
  group: PodProcess,
): void => {
  let told = false;
  const once = (end: Omit<Exit, "lastLine">): void => {
    if (!told) tell(end);
    told = true;
  };
  child.once("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (child.pid === undefined) once({ code: undefined, signal: undefined, error: code ?? message });
  });
  child.once("exit", (code, signal) => {
    group.signal("SIGKILL");
    const end = { code: code ?? undefined, signal: signal ?? undefined, error: undefined };
    const late = clock.after(OUTPUT_GRACE_MS, () => once(end));
    child.once("close", () => {
      late[Symbol.dispose]();
      once(end);
    });
  });
};

const signalGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
