/** Finds out when a pod is ready, as kubelet does. */
import type { Clock, Millis } from "#core/clock.ts";
import type { Dest } from "#core/ports.ts";
import { probe } from "#core/probe.ts";
import type { PodSpec } from "../plan/plan.ts";

const FIRST_WAIT_MS: Millis = 25;
const LONGEST_WAIT_MS: Millis = 1000;
/** A pod that is not ready after this is spoken of. */
const NOTABLE_MS: Millis = 10_000;

interface Watched {
  readonly clock: Clock;
  /** `ports[i]` is the real port for `PodSpec.ports[i]`. */
  readonly dest: Dest;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly ready: () => void;
  /** It was ready and is no more, or it runs for long and never was. */
  readonly unready: (detail: string) => void;
}

/**
 * Does kubelet's part: finds out when a pod that has just been started becomes ready, after its initial delay,
 * in quick steps at first. Goes on after that only where the manifest has a readinessProbe.
 */
export const watchReadiness = (spec: PodSpec, watched: Watched): void => {
  const { signal } = watched;
  if (spec.probe === undefined) return watched.ready();
  void watch(spec, spec.probe, watched).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};

const watch = async (
  { initialDelayMs, failureThreshold, probesOn }: PodSpec,
  how: NonNullable<PodSpec["probe"]>,
  { clock, dest, signal, ready, unready }: Watched,
): Promise<void> => {
  const start = clock.now();
  let [isReady, failures, wait, told] = [false, 0, FIRST_WAIT_MS, false];
  if (initialDelayMs > 0) await clock.sleep(initialDelayMs, signal);
  for (;;) {
    const verdict = await probe(dest, how, { clock, signal });
    if (signal.aborted) return;
    if (verdict.ready) {
      failures = 0;
      if (!isReady) ready();
      isReady = true;
      if (!probesOn) return;
    } else if (isReady && ++failures >= failureThreshold) {
      isReady = false;
      unready(verdict.detail);
    } else if (!isReady && !told && clock.now() - start >= NOTABLE_MS) {
      told = true;
      unready(verdict.detail);
    }
    wait = isReady ? how.periodMs : Math.min(wait * 1.5, LONGEST_WAIT_MS, how.periodMs);
    await clock.sleep(wait, signal);
  }
};
