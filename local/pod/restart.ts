/** When a process that ended is started again. */
import type { Millis } from "#core/clock.ts";
import type { Exit } from "./process.ts";

/** How often a pod's process has ended by its own fault in a row. */
export type Crashes = number;

const FIRST_MS: Millis = 1000;
const LONGEST_MS: Millis = 60_000;
/** A process that ran for so long has nothing to do with the crash before it. */
const FORGIVEN_MS: Millis = 2 * LONGEST_MS;

/** Signals that come from outside: somebody, or the kernel for want of memory. */
const fromOutside: ReadonlySet<NodeJS.Signals | undefined> = new Set([
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
]);

/**
 * How long to wait before a process that ended is started again. As kubelet does it, with 1 s … 60 s instead
 * of 10 s … 300 s: at once after the first crash, then twice as long each time. One that was ready and was
 * ended from outside is started again at once and is no crash.
 */
export const restartAfter = (
  crashes: Crashes,
  ended: { readonly exit: Exit; readonly ranMs: Millis; readonly wasReady: boolean },
): { readonly delayMs: Millis; readonly crashes: Crashes } => {
  if (ended.wasReady && fromOutside.has(ended.exit.signal)) return { delayMs: 0, crashes };
  const now = ended.ranMs >= FORGIVEN_MS ? 1 : crashes + 1;
  if (now === 1) return { delayMs: 0, crashes: now };
  // Worked: crash 2 → 1 s, 3 → 2 s, 4 → 4 s, …, 8 → 60 s.
  return { delayMs: Math.min(FIRST_MS * 2 ** (now - 2), LONGEST_MS), crashes: now };
};

/** How a process ended, in words: `exit code 3; last output: "no such table"`. */
export const exitText = ({ code, signal, error, lastLine }: Exit): string => {
  const how =
    error !== undefined
      ? `could not be started (${error})`
      : signal !== undefined
        ? `ended by ${signal}`
        : `exit code ${code}`;
  return lastLine === "" ? how : `${how}; last output: ${JSON.stringify(lastLine.slice(0, 300))}`;
};
