/** Hears that this process is to end. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Somebody wants this process to end. */
export interface StopRequest {
  /** Resolves with the name of the first signal. */
  readonly first: Promise<string>;
  /** Aborts at the second one. */
  readonly again: AbortSignal;
}

/** From now on signals that would end this process are only told. A stdout that nobody reads any more counts as one. */
export const stopSignals = (): StopRequest => {
  const first = Promise.withResolvers<string>();
  const again = new AbortController();
  let count = 0;
  const heard = (signal: string): void => {
    count++;
    if (count === 1) first.resolve(signal);
    else again.abort(new Error(signal));
  };
  for (const signal of SIGNALS) process.on(signal, () => heard(signal));
  process.stdout.on("error", () => heard("SIGPIPE"));
  return { first: first.promise, again: again.signal };
};
