import type { Millis } from "#core/clock.ts";
import { textOfInstant } from "#core/clock.ts";
import type { Lease } from "./objects.ts";

/**
 * Leader election by a Lease, as Kubernetes's own components do it: decisions only, pure. Nobody trusts another
 * one's clock: a lease has run out when it has not been seen to change for its whole duration.
 */

export interface LeaseTimes {
  /** Others wait this long after the last change they saw. */
  readonly durationMs: Millis;
  /**
   * A leader gives up when its last renewal began this long ago: shorter than the duration, so that it has
   * stopped deciding before another one may start.
   */
  readonly deadlineMs: Millis;
  readonly retryMs: Millis;
}

export const leaseTimes: LeaseTimes = { durationMs: 10_000, deadlineMs: 7000, retryMs: 1500 };

/** The lease as last read, and when it was first read like that. */
export interface Observed {
  readonly lease: Lease;
  readonly since: Millis;
}

/** A lease that is not what it was counts from now on. */
export const observe = (before: Observed | undefined, lease: Lease, now: Millis): Observed =>
  before !== undefined && before.lease.metadata.resourceVersion === lease.metadata.resourceVersion
    ? before
    : { lease, since: now };

/** Whether somebody else may not be pushed aside yet. */
export const isHeldByOther = ({ lease, since }: Observed, identity: string, now: Millis): boolean => {
  const { holderIdentity = "", leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (holderIdentity === "" || holderIdentity === identity) return false;
  return now < since + leaseDurationSeconds * 1000;
};

export interface Claimant {
  readonly identity: string;
  readonly times: LeaseTimes;
}

/** The lease with `claimant` as its holder, based on what was read; for a first one, on nothing. */
export const takenLease = (
  before: Lease | undefined,
  { identity, times }: Claimant,
  now: Millis,
): NonNullable<Lease["spec"]> => {
  const same = before?.spec?.holderIdentity === identity;
  const transitions = before?.spec?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(times.durationMs / 1000),
    acquireTime:
      same && before.spec?.acquireTime !== undefined ? before.spec.acquireTime : textOfInstant(now),
    renewTime: textOfInstant(now),
    leaseTransitions: before === undefined || same ? transitions : transitions + 1,
  };
};
