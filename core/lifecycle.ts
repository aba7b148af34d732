import type { Logger } from "./log.ts";

/** Something that runs. `stop` ends it in good order; when the signal aborts, at once. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
}

/** Starts parts in order. When one fails, those already started are stopped in reverse and the error is thrown. */
export const startAll = async (parts: readonly Part[], log: Logger): Promise<void> => {
  const started: Part[] = [];
  for (const part of parts) {
    try {
      await part.start();
      started.push(part);
    } catch (error) {
      await stopAll(started, log, AbortSignal.abort());
      throw error;
    }
  }
};

/** Stops parts in reverse order of their start; one that fails is logged and does not hold up the rest. */
export const stopAll = async (parts: readonly Part[], log: Logger, signal: AbortSignal): Promise<void> => {
  for (const part of parts.toReversed()) {
    try {
      await part.stop(signal);
    } catch (error) {
      log.error({ part: part.name, err: error }, "part did not stop cleanly");
    }
  }
};
