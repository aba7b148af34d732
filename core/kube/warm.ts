import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { KubeClient } from "./client.ts";

/** An API server closes connections that were idle for 90 s. */
const EVERY_MS: Millis = 40_000;
/** What a cold start uses at one time is two, the write and the watch of the pods; the third is the next one's. */
const CONNECTIONS = 3;
/** New connections are made when the cold start that took the old ones is over what it asks of the API server. */
const REFILL_MS: Millis = 500;

/** Keeps connections to the API server open. */
export interface Warm extends Part {
  /** To be called when something took a connection for a long time: another one takes its place soon. */
  readonly refill: () => void;
}

/**
 * Keeps connections to the API server open, so that a cold start does not begin with handshakes, also not one soon
 * after another. Costs the server a few tiny answers a minute.
 */
export const keepWarm = (client: KubeClient, clock: Clock): Warm => {
  let timer: Disposable | undefined;
  let soon: Disposable | undefined;
  const touch = (): void => {
    for (let i = 0; i < CONNECTIONS; i++) {
      client.call({ method: "GET", path: "/version" }).catch(() => undefined);
    }
  };
  return {
    name: "warm connections",
    start: () => {
      touch();
      timer = clock.every(EVERY_MS, touch);
      return Promise.resolve();
    },
    stop: () => {
      timer?.[Symbol.dispose]();
      soon?.[Symbol.dispose]();
      return Promise.resolve();
    },
    refill: () => {
      soon ??= clock.after(REFILL_MS, () => {
        soon = undefined;
        touch();
      });
    },
  };
};
