/** Shells that wait to become a pod's process, so that no cold start copies ours. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Clock, Millis } from "#core/clock.ts";

export type Launcher = ChildProcessByStdio<Writable, Readable, Readable>;

/** Time after one was taken before the next is made, to stay out of the way of a cold start. */
const REFILL_AFTER_MS: Millis = 200;

/**
 * Shells that wait to become a pod's process. Copying a process of our size takes some milliseconds, in which
 * moreover nothing else happens here; so it is done before anybody waits for it. What is left for a cold start
 * is a line to the shell. Each one leads a process group of its own, belongs to no Service, and ends when we do.
 */
export class Launchers {
  readonly #clock: Clock;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #size: number;
  readonly #waiting = new Set<Launcher>();
  #refill: Disposable | undefined;

  constructor(clock: Clock, env: Readonly<Record<string, string | undefined>>, size: number) {
    this.#clock = clock;
    this.#env = env;
    this.#size = size;
  }

  fill(): void {
    this.#refill?.[Symbol.dispose]();
    this.#refill = undefined;
    while (this.#waiting.size < this.#size) {
      const launcher = this.#make();
      if (launcher?.pid === undefined) return;
      this.#waiting.add(launcher);
    }
  }

  /** One that is waiting; undefined when there is none. It is the caller's from now on. */
  take(): Launcher | undefined {
    const [launcher] = this.#waiting;
    if (launcher === undefined) return undefined;
    this.#waiting.delete(launcher);
    launcher.removeAllListeners();
    launcher.stdin.removeAllListeners("error");
    this.#refill ??= this.#clock.after(REFILL_AFTER_MS, () => this.fill());
    return launcher;
  }

  close(): void {
    this.#refill?.[Symbol.dispose]();
    for (const launcher of this.#waiting) launcher.kill("SIGKILL");
    this.#waiting.clear();
  }

  /** undefined when the machine cannot have one more process now. */
  #make(): Launcher | undefined {
    try {
      const launcher = spawn("/bin/sh", [], {
        env: this.#env,
        cwd: "/",
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
      });
      const lost = (): void => void this.#waiting.delete(launcher);
      launcher.once("error", lost).once("exit", lost);
      launcher.stdin.on("error", lost);
      return launcher;
    } catch {
      return undefined;
    }
  }
}
