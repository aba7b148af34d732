import { RevisionThrottler } from "../../../activator/throttle/revision-throttler.ts";
import { placeAmong } from "../../../activator/throttle/subset.ts";
import type { Dest } from "#core/ports.ts";
import { revisionOf } from "../../helpers/revision.ts";

interface ThrottlerOp {
  readonly op: "backends" | "activators";
  readonly pods?: readonly string[];
  readonly clusterIP?: string;
  readonly ips?: readonly string[];
  readonly self?: string;
  readonly port?: string;
}

export interface ThrottlerCase {
  readonly containerConcurrency?: number;
  readonly port?: string;
  readonly ops: readonly ThrottlerOp[];
}

export const destAt = (address: string): Dest => {
  const [host, port] = address.split(":");
  return { key: address, host: host!, ports: [Number(port)] };
};

/** The throttler's state after each operation. */
export const replayThrottler = (c: ThrottlerCase): unknown => {
  const containerConcurrency = c.containerConcurrency ?? 0;
  const throttler = new RevisionThrottler(Math.random);
  throttler.configure(revisionOf({ containerConcurrency }));
  return c.ops.map((op) => {
    if (op.op === "backends") {
      throttler.update((op.pods ?? []).map(destAt), op.clusterIP ? destAt(op.clusterIP) : undefined);
    } else {
      // Addresses count only where they serve the revision's own port.
      const place = placeAmong(op.port === c.port ? (op.ips ?? []) : [], op.self ?? "");
      if (place !== undefined) throttler.setActivators(place);
    }
    return stateOf(throttler, containerConcurrency);
  });
};

/** At container concurrency 0 a capacity is told as 1 or 0. */
const stateOf = ({ assignment }: RevisionThrottler, containerConcurrency: number): unknown => {
  const told = (capacity: number) => (containerConcurrency === 0 ? Math.min(1, capacity) : capacity);
  const { shared, place, healthy } = assignment;
  const assigned = shared === undefined ? assignment.assigned : [];
  return {
    capacity: told(assignment.capacity),
    backendCount: assignment.backends,
    numActivators: place.count,
    activatorIndex: place.index,
    ...(shared === undefined ? {} : { clusterIP: shared.key }),
    assigned: assigned.map((tracker) => tracker.key),
    assignedCapacities: assigned.map((tracker) => told(tracker.capacity)),
    trackers: healthy.map((tracker) => tracker.key),
  };
};
