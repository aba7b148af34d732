import type { Settings } from "#core/annotations/settings.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { SECOND, type Nanos } from "#core/clock.ts";
import type { ActiveState } from "./active.ts";

export interface ZeroInput {
  /** Pods wanted, within bounds. */
  readonly desired: number;
  readonly state: ActiveState;
  /** How long it has been in that state. */
  readonly inStateFor: Nanos;
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  /** Time a revision has to become ready, where no annotation says otherwise. */
  readonly progressDeadline: Nanos;
  /** Whether requests are already sent to the activators, and since how long they provably arrive there. */
  readonly proxying: boolean;
  readonly proxyFor: Nanos;
}

export type ZeroDecision =
  | {
      readonly kind: "decided";
      /** Pods; −1 = leave it as it is. */
      readonly scale: number;
      /** Whether the workload is told; otherwise the number only counts for the revision's state. */
      readonly apply: boolean;
      /** Why, with numbers: for `explain`. */
      readonly reason: string;
      /** Look at the revision again after this time. */
      readonly againAfter?: Nanos;
      /** Ask in the background whether requests reach an activator, and look again when one does. */
      readonly probeInBackground?: true;
    }
  /** Ask once whether a request reaches an activator, and call again with the answer. */
  | { readonly kind: "probe" };

/** Time beyond its deadline that a revision has to become active. */
const ACTIVATION_BUFFER = 30 * SECOND;
/** The routes do not change when they lead to the activators already; then nothing else wakes the reconciler. */
const LOOK_AGAIN = 3 * SECOND;

const decided = (scale: number, apply: boolean, reason: string, againAfter?: Nanos): ZeroDecision => ({
  kind: "decided",
  scale,
  apply,
  reason,
  ...(againAfter !== undefined && { againAfter }),
});

const seconds = (nanos: Nanos): string => `${Math.round(nanos / (SECOND / 10)) / 10} s`;

/**
 * What to do when no pods are wanted (`knative.md` 3.7):
 *
 * | state      | decision                                                                                  |
 * |------------|-------------------------------------------------------------------------------------------|
 * | any        | scale to zero is off: 1                                                                   |
 * | activating | 0 once it took longer than deadline + 30 s, else nothing                                  |
 * | active     | for a stable window: becomes inactive, pods stay; else 1 for the rest of it               |
 * | inactive   | 0 when requests reach an activator and both grace period and retention have passed        |
 *
 * `reachesActivator` is the answer to the probe that a former call asked for.
 */
export const scaleToZero = (input: ZeroInput, reachesActivator?: boolean): ZeroDecision => {
  if (input.desired !== 0) return decided(input.desired, true, `${input.desired} wanted`);
  if (!input.config.enableScaleToZero) return decided(1, true, "enable-scale-to-zero is false");
  switch (input.state) {
    case "activating":
      return whileActivating(input);
    case "active":
      return whileActive(input);
    case "inactive":
      return whileInactive(input, reachesActivator);
  }
};

const whileActivating = ({ settings, progressDeadline, inStateFor }: ZeroInput): ZeroDecision => {
  const timeout = (settings.annotations.progressDeadline ?? progressDeadline) + ACTIVATION_BUFFER;
  return inStateFor > timeout
    ? decided(0, true, `no pod was ready within ${seconds(timeout)}`)
    : decided(-1, false, `waiting up to ${seconds(timeout)} for the first pods`, timeout);
};

const whileActive = ({ settings, inStateFor, proxying }: ZeroInput): ZeroDecision => {
  const rest = settings.stableWindow - inStateFor;
  if (rest > 0) return decided(1, true, `active for less than the window, for ${seconds(rest)} more`, rest);
  return decided(0, false, "becomes inactive, the pods stay", proxying ? LOOK_AGAIN : undefined);
};

const whileInactive = (input: ZeroInput, reachesActivator: boolean | undefined): ZeroDecision => {
  const { settings, config, inStateFor, proxyFor } = input;
  // Without a limit of burst capacity the activator is always in the path.
  const reaches = settings.targetBurstCapacity === -1 ? true : reachesActivator;
  if (reaches === undefined) return { kind: "probe" };
  if (!reaches) {
    const reason = "requests do not reach an activator yet";
    return { kind: "decided", scale: 0, apply: false, reason, probeInBackground: true };
  }
  const retention = settings.podRetention;
  if (inStateFor >= Math.max(config.scaleToZeroGracePeriod, retention)) {
    return decided(0, true, `inactive for ${seconds(inStateFor)}`);
  }
  if (retention > 0 && inStateFor < retention) {
    const rest = retention - inStateFor;
    return decided(0, false, `the last pod is retained for ${seconds(rest)} more`, rest);
  }
  const grace = config.scaleToZeroGracePeriod - proxyFor;
  return grace <= 0
    ? decided(0, true, `requests go to the activators for ${seconds(proxyFor)}`)
    : decided(0, false, `routes may take ${seconds(grace)} more to lead to the activators`, grace);
};
