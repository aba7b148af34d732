/** Which of several pods the next request goes to. */

/** What a policy chooses among. */
export interface Target {
  /** Requests in it that came through here. */
  readonly inFlight: number;
  /** Takes one of its slots if one is free. */
  reserve(): boolean;
}

/** Takes a slot of one of the targets and says whose, or takes none. (`knative.md` 4.4) */
export type LbPolicy = <T extends Target>(targets: readonly T[]) => T | undefined;

/** A number in [0, 1). */
export type Random = () => number;

/** The less loaded of two chosen at random; of two alike, a coin decides. For targets without a limit. */
export const randomChoice2 =
  (random: Random): LbPolicy =>
  (targets) => {
    const count = targets.length;
    if (count < 2) return reserved(targets[0]);
    const first = count === 2 ? 0 : Math.floor(random() * count);
    const drawn = count === 2 ? 1 : Math.floor(random() * (count - 1));
    // The second is drawn among the others: what lies at or after the first moves up by one.
    const second = count > 2 && drawn >= first ? drawn + 1 : drawn;
    return reserved(lighter(targets[first]!, targets[second]!, random));
  };

const lighter = <T extends Target>(a: T, b: T, random: Random): T => {
  if (a.inFlight === b.inFlight) return random() < 0.5 ? a : b;
  return a.inFlight < b.inFlight ? a : b;
};

const reserved = <T extends Target>(target: T | undefined): T | undefined =>
  target?.reserve() ? target : undefined;

/** The first in order that has room: keeps few pods busy, which suits one to three requests per pod. */
export const firstAvailable: LbPolicy = (targets) => {
  for (const target of targets) if (target.reserve()) return target;
  return undefined;
};

/** The next in turn that has room. */
export const roundRobin = (): LbPolicy => {
  let next = 0;
  return (targets) => {
    const count = targets.length;
    if (next >= count) next = 0;
    for (let i = 0; i < count; i++) {
      const at = (next + i) % count;
      const target = targets[at]!;
      if (!target.reserve()) continue;
      next = at + 1;
      return target;
    }
    return undefined;
  };
};

/** The policy for a container concurrency: 0 = no limit. */
export const policyFor = (containerConcurrency: number, random: Random): LbPolicy => {
  if (containerConcurrency === 0) return randomChoice2(random);
  return containerConcurrency < 4 ? firstAvailable : roundRobin();
};
