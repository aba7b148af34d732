import { Assignment } from "../../../activator/throttle/assignment.ts";
import { firstAvailable, roundRobin } from "../../../activator/throttle/lb-policy.ts";
import type { PodTracker } from "../../../activator/throttle/pod-tracker.ts";
import { destAt } from "./breaker-throttler.ts";

interface LbOp {
  readonly op: "targets" | "pick" | "release";
  readonly pods?: readonly string[];
  readonly pod?: string;
}

export interface LbCase {
  readonly containerConcurrency?: number;
  readonly policy: "firstAvailable" | "roundRobin";
  readonly ops: readonly LbOp[];
}

/** The pod of each pick; undefined for operations that answer nothing. */
export const replayLb = (c: LbCase): unknown => {
  const policy = c.policy === "roundRobin" ? roundRobin() : firstAvailable;
  const assignment = new Assignment();
  assignment.setConcurrency(c.containerConcurrency ?? 0);
  const picked: PodTracker[] = [];
  return c.ops.map((op) => {
    if (op.op === "pick") {
      const tracker = policy(assignment.assigned);
      if (tracker !== undefined) picked.push(tracker);
      return tracker?.key ?? "";
    }
    if (op.op === "targets") assignment.update((op.pods ?? []).map(destAt));
    else assignment.released(taken(picked, op.pod));
    return undefined;
  });
};

/** Takes the first pick of a pod out of the list. */
const taken = (picked: PodTracker[], pod = ""): PodTracker =>
  picked.splice(
    picked.findIndex((tracker) => tracker.key === pod),
    1,
  )[0]!;
