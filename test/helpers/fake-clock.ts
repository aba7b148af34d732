import type { Clock, Millis } from "#core/clock.ts";

type Timer = { at: Millis; every: Millis | undefined; fn: () => void };

/** A clock that moves only when told to. Timers fire in order of time, then of creation. */
export class FakeClock implements Clock {
  #now: Millis;
  #timers = new Set<Timer>();

  constructor(start: Millis = 1_000_000_000_000) {
    this.#now = start;
  }

  now(): Millis {
    return this.#now;
  }

  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = this.#add(ms, undefined, resolve);
      const onAbort = () => {
        this.#timers.delete(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: Millis, fn: () => void): Disposable {
    const timer = this.#add(ms, undefined, fn);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  every(ms: Millis, fn: () => void): Disposable {
    const timer = this.#add(ms, ms, fn);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Number of timers that are set: 0 when everything that ran has been stopped. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time forward, firing what falls due; lets promises settle after each timer. */
  async advance(ms: Millis): Promise<void> {
    // What was begun may be about to set its timer; `advance(0)` fires what is due and looks at nothing else first.
    if (ms > 0) await settle();
    const end = this.#now + ms;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#now = Math.max(this.#now, next.at);
      if (next.every === undefined) this.#timers.delete(next);
      else next.at += next.every;
      next.fn();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #add(ms: Millis, every: Millis | undefined, fn: () => void): Timer {
    const timer = { at: this.#now + ms, every, fn };
    this.#timers.add(timer);
    return timer;
  }

  #due(end: Millis): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

/** Lets every promise that can settle without I/O do so. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};
