/** Probes one dest every few milliseconds until it accepts. */

import type { Clock, Millis } from "#core/clock.ts";
import type { Dest } from "#core/ports.ts";
import { probe } from "#core/probe.ts";
import type { ReadinessProbe } from "#core/revision.ts";

/**
 * A connection within a node or cluster takes far less; one that takes longer has mostly lost its first packet
 * to a network that was not there yet, and the kernel would try again only after a second.
 */
const QUICK_CONNECT_MS: Millis = 50;
const SHORTEST_PAUSE_MS: Millis = 2;
const LONGEST_PAUSE_MS = { urgent: 50, relaxed: 1000 };
/** The pause as a part of the time that has passed, so that probing adds at most that part to it. */
const PAUSE_SHARE = 0.01;

/**
 * Time until the next attempt: 2 ms at first, 10 ms after a second, 50 ms after five; without anyone waiting
 * it grows on, to a second.
 */
export const pauseAfter = (elapsed: Millis, urgent: boolean): Millis =>
  Math.min(
    Math.max(elapsed * PAUSE_SHARE, SHORTEST_PAUSE_MS),
    urgent ? LONGEST_PAUSE_MS.urgent : LONGEST_PAUSE_MS.relaxed,
  );

export interface ProberOptions {
  readonly clock: Clock;
  readonly dest: Dest;
  readonly probe: ReadinessProbe;
  /** Whether someone waits for this dest. */
  readonly urgent: () => boolean;
  /** Asked before every attempt but the first; once it says no, the prober ends and calls `onUnwanted`. */
  readonly wanted: () => boolean;
  readonly onUnwanted: () => void;
  /** Least time between the first attempt and the second; 0 unless given. */
  readonly quietMs?: Millis;
  /** Called once, when the dest has accepted, with the time that took if the first attempt was too early. */
  readonly onReady: (waited?: Millis) => void;
}

/**
 * Probes one dest until it accepts or the prober is disposed. One lane gives up on a connection after 50 ms and
 * tries again at once; when that happens, a second lane starts that gives the connection the probe's whole limit,
 * so that a far or busy dest is found as well (`knative.md` 4.5, RTT trap).
 */
export const startProber = (options: ProberOptions): Disposable => {
  const { clock, dest, urgent, wanted, onReady, onUnwanted } = options;
  let { quietMs = 0 } = options;
  let early = true;
  const stopped = new AbortController();
  const { signal } = stopped;
  const began = clock.now();
  let patient = false;

  const end = (tell: () => void): void => {
    if (signal.aborted) return;
    stopped.abort();
    tell();
  };
  const attempt = async (connectMs?: Millis): Promise<boolean> => {
    const limit = connectMs === undefined ? {} : { connectMs };
    const verdict = await probe(dest, options.probe, { clock, signal, ...limit });
    if (!verdict.ready && verdict.why === "timeout" && !patient) {
      patient = true;
      void lane();
    }
    return verdict.ready;
  };
  const lane = async (connectMs?: Millis): Promise<void> => {
    while (!(await attempt(connectMs))) {
      early = false;
      const pause = Math.max(pauseAfter(clock.now() - began, urgent()), quietMs);
      quietMs = 0;
      // Rejects only when stopped, which the next line sees.
      await clock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (!wanted()) return end(onUnwanted);
    }
    end(() => onReady(early ? undefined : clock.now() - began));
  };
  void lane(QUICK_CONNECT_MS);
  return { [Symbol.dispose]: () => stopped.abort() };
};
