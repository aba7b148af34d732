/**
 * Time as the shells see it. This is the only file that reads the real clock or sets a real timer;
 * everything that decides takes `now` as a parameter instead.
 */

/** Milliseconds: an instant since the Unix epoch or a duration. May have a fraction. */
export type Millis = number;
/** Nanoseconds, the unit of Knative's decisions: pure decision code uses it for instants and durations. */
export type Nanos = number;

export const NANOS_PER_MS = 1e6;
export const SECOND: Nanos = 1e9;

/** Milliseconds to whole nanoseconds. */
export const nanosOf = (ms: Millis): Nanos => Math.round(ms * NANOS_PER_MS);
/** Nanoseconds to milliseconds. */
export const millisOf = (ns: Nanos): Millis => ns / NANOS_PER_MS;

/** An instant as a `Date`, for libraries that want one. */
export const dateOf = (at: Millis): Date => new Date(at);

export interface Clock {
  /** Milliseconds since the Unix epoch; never goes back within a process. */
  now(): Millis;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`, unless disposed first. Does not keep the process alive. */
  after(ms: Millis, fn: () => void): Disposable;
  /** Calls `fn` every `ms` until disposed. Does not keep the process alive. */
  every(ms: Millis, fn: () => void): Disposable;
}

const disposable = (dispose: () => void): Disposable => ({ [Symbol.dispose]: dispose });

/** Read once: it never changes, and reading it is not free. */
const { timeOrigin } = performance;

export const systemClock: Clock = {
  now: () => timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms).unref();
    return disposable(() => clearTimeout(timer));
  },
  every: (ms, fn) => {
    const timer = setInterval(fn, ms).unref();
    return disposable(() => clearInterval(timer));
  },
};

/** An instant as RFC 3339 text with microseconds, the way Kubernetes writes it. */
export const textOfInstant = (at: Millis): string => {
  const micros = String(Math.floor((at % 1) * 1000)).padStart(3, "0");
  return new Date(Math.floor(at)).toISOString().replace("Z", `${micros}Z`);
};

/** RFC 3339 text to an instant; NaN when it is none. */
export const instantOfText = (text: string): Millis => Date.parse(text);
