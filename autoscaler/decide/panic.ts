import type { Nanos } from "#core/clock.ts";

/**
 * Calm, or panicking since the last time the load was over the threshold (`knative.md` 3.5). `pods` is the floor
 * that holds while panicking; a calm revision carries it over from its start until the first panic ends.
 */
export type PanicState =
  | { readonly kind: "calm"; readonly pods: number }
  | { readonly kind: "panicking"; readonly since: Nanos; readonly pods: number };

/** More than one pod at the start panics at once, so that a restart of the autoscaler cannot shrink a revision. */
export const startPanic = (readyPods: number, now: Nanos): PanicState =>
  readyPods > 1 ? { kind: "panicking", since: now, pods: readyPods } : { kind: "calm", pods: readyPods };

/** Enters or extends while over the threshold; leaves strictly after a stable window without. */
export const nextPanic = (
  state: PanicState,
  over: boolean,
  times: { readonly now: Nanos; readonly stableWindow: Nanos },
): PanicState => {
  if (over) return { kind: "panicking", since: times.now, pods: state.pods };
  if (state.kind === "panicking" && state.since + times.stableWindow < times.now) {
    return { kind: "calm", pods: 0 };
  }
  return state;
};

/** Raises the floor of a panic to `pods`. */
export const raisePanic = (state: PanicState, pods: number): PanicState =>
  state.kind === "panicking" && pods > state.pods ? { ...state, pods } : state;
