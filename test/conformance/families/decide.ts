import { decide, initialState } from "../../../autoscaler/decide/autoscaler.ts";
import { initialBurstCapacity } from "../../../autoscaler/decide/burst-capacity.ts";
import { differsEnough, type DeciderSpec, type DeciderStatus } from "../../../autoscaler/decide/decider.ts";
import { readSpec } from "../decider-spec.ts";
import { Checks, number, type Replay } from "../family.ts";

interface Step {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly t?: number;
  readonly ready?: number;
  readonly readyErr?: string;
  readonly metricErr?: string;
  readonly stable?: number | string;
  readonly panic?: number | string;
}

/** In a decision a list that does not exist is no error: its count comes along. */
const cannotCount = (error: string | undefined): boolean => error !== undefined && error !== "notfound";

export const replay: Replay = (test, rules) => {
  const checks = new Checks();
  let spec = readSpec(test.spec as Record<string, unknown>) as DeciderSpec;
  const ready = test.readyErr === undefined ? number(test.ready) : 0;
  let state = initialState(spec, ready, 0);
  let status: DeciderStatus = { desired: -1, excessBurstCapacity: initialBurstCapacity(spec, rules) };
  checks.check("init", test.init, {
    desired: status.desired,
    ebc: status.excessBurstCapacity,
    panicking: state.panic.kind === "panicking",
  });
  for (const [i, step] of (test.steps as readonly Step[]).entries()) {
    if (step.spec !== undefined) spec = { ...spec, ...readSpec(step.spec) };
    let got: Record<string, unknown> = { desired: 0, ebc: 0, valid: false, inform: false };
    if (!cannotCount(step.readyErr) && step.metricErr === undefined) {
      const observed = {
        readyPods: number(step.ready),
        stable: number(step.stable),
        panic: number(step.panic),
      };
      const result = decide(spec, observed, { state, now: number(step.t) }, rules);
      const { desired, excessBurstCapacity } = result.advice;
      const inform = differsEnough(status, result.advice);
      got = { desired, ebc: excessBurstCapacity, valid: true, inform };
      status = { desired, excessBurstCapacity };
      state = result.state;
    }
    checks.check(`steps[${i}]`, answers(step), { ...got, panicking: state.panic.kind === "panicking" });
  }
  return checks.differences;
};

const answers = (step: Step): unknown => {
  const { desired, ebc, valid, inform, panicking } = step as Record<string, unknown>;
  return { desired, ebc, valid, inform, panicking };
};
