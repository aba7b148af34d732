import type { Clock, Millis } from "./clock.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Names worked on at one time; never one name twice. */
  readonly concurrency: number;
  /** Does whatever is needed for a name as the world is now. Must not throw. */
  readonly work: (name: string) => Promise<void>;
}

/**
 * Names of things to look at. A name that is added while it waits is worked on once; one that is added while it
 * is worked on is worked on once more afterwards.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Map<string, { again: boolean }>();
  readonly #later = new Map<string, { at: Millis; timer: Disposable }>();
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(name: string): void {
    if (this.#stopped) return;
    const active = this.#active.get(name);
    if (active !== undefined) active.again = true;
    else {
      this.#waiting.add(name);
      this.#next();
    }
  }

  /** Adds it after a time; of several such times the earliest counts. */
  addAfter(name: string, ms: Millis): void {
    if (this.#stopped) return;
    const at = this.#options.clock.now() + ms;
    const known = this.#later.get(name);
    if (known !== undefined && known.at <= at) return;
    known?.timer[Symbol.dispose]();
    const timer = this.#options.clock.after(ms, () => {
      this.#later.delete(name);
      this.add(name);
    });
    this.#later.set(name, { at, timer });
  }

  /** Forgets what waits; resolves when what is worked on has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#later.values()) timer[Symbol.dispose]();
    this.#later.clear();
    if (this.#active.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #next(): void {
    for (const name of this.#waiting) {
      if (this.#active.size >= this.#options.concurrency) return;
      this.#waiting.delete(name);
      void this.#run(name);
    }
  }

  async #run(name: string): Promise<void> {
    const entry = { again: false };
    this.#active.set(name, entry);
    try {
      await this.#options.work(name);
    } finally {
      this.#active.delete(name);
      if (entry.again) this.add(name);
      this.#next();
      if (this.#active.size === 0) this.#idle?.();
    }
  }
}
