import { knativeLimits } from "../../../activator/throttle/breaker.ts";
import { Slots } from "../../../activator/throttle/slots.ts";
import {
  assignSlice,
  inferIndex,
  minOneOrValue,
  pickIndices,
  revisionCapacity,
} from "../../../activator/throttle/subset.ts";
import { activatorsWanted } from "../../../autoscaler/decide/burst-capacity.ts";
import { Checks, type Replay } from "../family.ts";
import { replayLb, type LbCase } from "./breaker-lb.ts";
import { replayBreaker, replayInfinite, type BreakerCase, type CountOp } from "./breaker-queue.ts";
import { replayThrottler, type ThrottlerCase } from "./breaker-throttler.ts";

interface CapacityCase {
  readonly containerConcurrency?: number;
  readonly backendCount?: number;
  readonly numTrackers?: number;
  readonly activatorCount?: number;
}

interface SliceCase {
  readonly containerConcurrency?: number;
  readonly pods?: readonly string[];
  readonly selfIndex?: number;
  readonly numActivators?: number;
}

/**
 * The family's cases by `kind`; absent fields are 0 or empty. Each is replayed through `activator/throttle`, but
 * for `numActivators`, which is the autoscaler's.
 */
type BreakerFamilyCase = { readonly want?: unknown } & (
  | { readonly kind: "minOneOrValue"; readonly n?: number }
  | ({ readonly kind: "capacity" } & CapacityCase)
  | {
      readonly kind: "pickIndices";
      readonly numTrackers: number;
      readonly selfIndex?: number;
      readonly numActivators?: number;
    }
  | ({ readonly kind: "assignSlice" } & SliceCase)
  | { readonly kind: "inferIndex"; readonly ips?: readonly string[]; readonly self?: string }
  | { readonly kind: "queueProxy"; readonly containerConcurrency?: number }
  | ({ readonly kind: "throttler" } & ThrottlerCase)
  | ({ readonly kind: "breaker" } & BreakerCase)
  | { readonly kind: "infinite"; readonly ops: readonly CountOp[] }
  | ({ readonly kind: "lb" } & LbCase)
  | {
      readonly kind: "numActivators";
      readonly readyPods?: number;
      readonly totalValue?: number;
      readonly targetBurstCapacity?: number;
      readonly activatorCapacity?: number;
    }
);

const capacity = (c: CapacityCase): number =>
  revisionCapacity({
    containerConcurrency: c.containerConcurrency ?? 0,
    backends: c.backendCount ?? 0,
    trackers: c.numTrackers ?? 0,
    activators: c.activatorCount ?? 0,
  });

const slice = (c: SliceCase): unknown => {
  const place = { count: c.numActivators ?? 0, index: c.selfIndex ?? 0 };
  const assigned = assignSlice(c.pods ?? [], place);
  const { length } = assigned;
  const counts = { backendCount: length, numTrackers: length, activatorCount: place.count };
  return { assigned, capacity: capacity({ ...counts, containerConcurrency: c.containerConcurrency ?? 0 }) };
};

/** Queue proxy's breaker: ten times as many may wait as run (`knative.md` 5.2); none without a limit. */
const queueProxy = (containerConcurrency: number): unknown =>
  containerConcurrency === 0
    ? { none: true }
    : {
        totalSlots: knativeLimits(10 * containerConcurrency, containerConcurrency).inFlight,
        capacity: new Slots(containerConcurrency).capacity,
      };

/** What we give for a case: a value to be equal to `want`, or the list of the operations' answers, maybe later. */
const replayBreakerCase = (c: BreakerFamilyCase): unknown => {
  switch (c.kind) {
    case "minOneOrValue":
      return minOneOrValue(c.n ?? 0);
    case "capacity":
      return capacity(c);
    case "pickIndices":
      return pickIndices(c.numTrackers, { count: c.numActivators ?? 0, index: c.selfIndex ?? 0 });
    case "assignSlice":
      return slice(c);
    case "inferIndex":
      return inferIndex(c.ips ?? [], c.self ?? "");
    case "queueProxy":
      return queueProxy(c.containerConcurrency ?? 0);
    case "throttler":
      return replayThrottler(c);
    case "breaker":
      return replayBreaker(c);
    case "infinite":
      return replayInfinite(c.ops);
    case "lb":
      return replayLb(c);
    case "numActivators": {
      const { readyPods = 0, totalValue = 0, targetBurstCapacity = 0, activatorCapacity = 0 } = c;
      return activatorsWanted({ totalValue, targetBurstCapacity, activatorCapacity }, readyPods);
    }
  }
};

/** Operations without an answer only change state; every other answer is compared, one by one. */
export const replay: Replay = async (test) => {
  const checks = new Checks();
  const got = await replayBreakerCase(test as unknown as BreakerFamilyCase);
  const ops = test.ops as readonly { readonly op: string; readonly want?: unknown }[] | undefined;
  if (ops === undefined) checks.check("want", test.want, got);
  for (const [i, op] of (ops ?? []).entries()) {
    checks.check(`ops[${i}] ${op.op}`, op.want, (got as readonly unknown[])[i]);
  }
  return checks.differences;
};
