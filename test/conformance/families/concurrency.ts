import { RequestStats } from "../../../activator/stats/request-stats.ts";
import { RevisionLoad, type Entered, type Load } from "../../../activator/stats/revision-load.ts";
import { Checks, number, type Case, type Replay } from "../family.ts";

interface Op {
  readonly op: string;
  readonly t?: number;
  readonly request?: number;
  readonly key?: string;
  readonly messages?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly want?: unknown;
}

export const replay: Replay = (test) =>
  test.kind === "requestStats" ? replayStats(test) : replayActivator(test);

const replayStats = (test: Case) => {
  const checks = new Checks();
  const stats = new RequestStats(number(test.start));
  for (const [i, op] of (test.ops as readonly Op[]).entries()) {
    const t = number(op.t);
    if (op.op === "in") stats.requestIn(t);
    else if (op.op === "out") stats.requestOut(t);
    else if (op.op === "proxiedIn") stats.proxiedIn(t);
    else if (op.op === "proxiedOut") stats.proxiedOut(t);
    else if (op.op === "report") checks.check(`ops[${i}] report`, op.want, stats.report(t));
    else throw new Error(`unknown operation ${op.op}`);
  }
  return checks.differences;
};

const replayActivator = (test: Case) => {
  const checks = new Checks();
  const load = new RevisionLoad();
  const entered = new Map<number, Entered>();
  for (const [i, op] of (test.ops as readonly Op[]).entries()) {
    const t = number(op.t);
    const request = number(op.request);
    if (op.op === "in") {
      const enter = load.enter(op.key ?? "", t);
      entered.set(request, enter);
      checks.check(`ops[${i}] in`, op.messages, enter.first === undefined ? [] : [written(enter.first)]);
    } else if (op.op === "out") {
      load.leave(entered.get(request)!, t);
    } else if (op.op === "report") {
      const loads = load.report(t).sort((a, b) => (a.id < b.id ? -1 : 1));
      checks.check(`ops[${i}] report`, op.messages, loads.map(written));
      checks.check(`ops[${i}] keys`, op.keys, load.ids().sort());
    } else {
      throw new Error(`unknown operation ${op.op}`);
    }
  }
  return checks.differences;
};

const written = ({ id, concurrency, requestCount }: Load): unknown => ({
  key: id,
  averageConcurrentRequests: concurrency,
  requestCount,
});
