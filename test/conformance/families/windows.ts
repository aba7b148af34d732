import { bucketOf } from "#core/time-bucket.ts";
import { TimedBuckets } from "../../../autoscaler/collect/timed-buckets.ts";
import { linearAverage, weightedAverage } from "../../../autoscaler/collect/window-average.ts";
import { currentMax, maxWindow, recordMax } from "../../../autoscaler/decide/max-window.ts";
import { Checks, number, type Case, type Replay } from "../family.ts";

interface Op {
  readonly op: string;
  readonly t?: number;
  readonly v?: number | string;
  readonly n?: number;
  readonly w?: number;
  readonly want?: unknown;
}

export const replay: Replay = (test) => (test.kind === "max" ? replayMax(test) : replayBuckets(test));

const replayBuckets = (test: Case) => {
  const checks = new Checks();
  const buckets = new TimedBuckets(test.window as number, test.granularity as number);
  const average = test.kind === "weighted" ? weightedAverage : linearAverage;
  for (const [i, op] of (test.ops as readonly Op[]).entries()) {
    const t = number(op.t);
    if (op.op === "rec") buckets.record(t, number(op.v));
    else if (op.op === "resize") buckets.resize(number(op.w), t);
    else if (op.op === "avg") checks.check(`ops[${i}] avg`, op.want ?? 0, average(buckets, t));
    else if (op.op === "empty") checks.check(`ops[${i}] empty`, op.want ?? false, buckets.isEmpty(t));
    else throw new Error(`unknown operation ${op.op}`);
  }
  return checks.differences;
};

const replayMax = (test: Case) => {
  const checks = new Checks();
  const granularity = test.granularity as number;
  let window = maxWindow(test.window as number, granularity);
  for (const [i, op] of (test.ops as readonly Op[]).entries()) {
    if (op.op === "rec") window = recordMax(window, bucketOf(number(op.t), granularity), number(op.n));
    else if (op.op === "cur") checks.check(`ops[${i}] cur`, op.want ?? 0, currentMax(window));
    else throw new Error(`unknown operation ${op.op}`);
  }
  return checks.differences;
};
