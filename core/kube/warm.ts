import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { KubeClient } from "./client.ts";

/** An API server closes connections that were idle for 90 s. */
const EVERY_MS: Millis = 40_000;
/** What a cold start opens at one time: the write, and the watch of the pods. */
const CONNECTIONS = 2;

/**
 * Keeps connections to the API server open, so that the first request after a quiet time does not begin with
 * handshakes. Costs the server a few tiny answers a minute.
 */
export const keepWarm = (client: KubeClient, clock: Clock): Part => {
  let timer: Disposable | undefined;
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
      return Promise.resolve();
    },
  };
};
