import { describe, expect, test } from "vitest";
import { SECOND } from "#core/clock.ts";
import { knativeRules, pilotlightRules, type Rules } from "#core/divergences.ts";
import { decide, initialState, type AutoscalerState } from "./autoscaler.ts";
import type { Advice, DeciderSpec } from "./decider.ts";

/** The common spec of `knative.md` appendix A.1. */
const specOf = (over: Partial<DeciderSpec> = {}): DeciderSpec => {
  const targetValue = over.targetValue ?? 10;
  return {
    maxScaleUpRate: 10,
    maxScaleDownRate: 10,
    scalingMetric: "concurrency",
    targetValue,
    totalValue: targetValue / 0.75,
    targetBurstCapacity: 100,
    activatorCapacity: 100,
    panicThreshold: 2,
    stableWindow: 60 * SECOND,
    scaleDownDelay: 0,
    initialScale: 1,
    reachable: true,
    activationScale: 0,
    ...over,
  };
};

/** Runs a revision from its start; times in seconds. */
class Run {
  readonly rules: Rules;
  spec: DeciderSpec;
  state: AutoscalerState;

  constructor(spec: DeciderSpec, readyAtStart = 1, rules: Rules = knativeRules) {
    this.spec = spec;
    this.rules = rules;
    this.state = initialState(spec, readyAtStart, 0);
  }

  at(seconds: number, readyPods: number, [stable, panic]: readonly [number, number]): Advice {
    const before = { state: this.state, now: seconds * SECOND };
    const { advice, state } = decide(this.spec, { readyPods, stable, panic }, before, this.rules);
    this.state = state;
    return advice;
  }
}

describe("A.1: single decisions", () => {
  test.each<[string, Partial<DeciderSpec>, [stable: number, panic: number, ready: number], number]>([
    ["enters panic", {}, [50, 50, 1], 5],
    ["calm", {}, [50, 50, 5], 5],
    ["without limit of burst", { targetValue: 181, targetBurstCapacity: -1 }, [21, 26, 1], 1],
    ["without burst", { targetBurstCapacity: 0 }, [50, 49, 1], 5],
    ["the panic value wins", { targetBurstCapacity: 84 }, [50, 100, 1], 10],
    ["any residue keeps one pod", { targetBurstCapacity: 75 }, [0.000001, 0, 1], 1],
    ["nothing left", { targetBurstCapacity: 75 }, [0, 0, 1], 0],
    ["activation scale does not wake", { activationScale: 2 }, [0, 0, 1], 0],
    ["activation scale", { activationScale: 2 }, [1, 0, 1], 2],
    ["up rate 1.1", { targetValue: 1, maxScaleUpRate: 1.1 }, [3, 3.1, 2], 3],
    ["down rate 1.1", { maxScaleDownRate: 1.1 }, [1, 1, 100], 90],
    ["unreachable", { maxScaleDownRate: 1.1, reachable: false }, [1, 1, 100], 1],
    ["zero pods count as one for rates", {}, [1000, 888, 0], 10],
  ])("%s", (_, over, [stable, panic, ready], want) => {
    expect(new Run(specOf(over)).at(0, ready, [stable, panic]).desired).toBe(want);
  });

  test.each([
    [{ targetBurstCapacity: -1 }, 1, 26, -1],
    [{ targetBurstCapacity: -5 }, 1, 26, -1],
    [{ targetBurstCapacity: 0 }, 1, 26, 0],
    [{ targetBurstCapacity: 100, totalValue: 100 }, 3, 80, 120],
    [{ targetBurstCapacity: 211, totalValue: 100 }, 0, 1, -212],
    [{ targetBurstCapacity: 10, totalValue: 10 }, 1, 0.5, -1],
  ])("excess burst capacity of %j with %i pods", (over, ready, panic, want) => {
    expect(new Run(specOf(over)).at(0, ready, [10, panic]).excessBurstCapacity).toBe(want);
  });

  test("rates hold from decision to decision", () => {
    const up = new Run(specOf());
    expect(up.at(0, 1, [1000, 1001]).desired).toBe(10);
    expect(up.at(2, 10, [1000, 1001]).desired).toBe(100);
    const down = new Run(specOf(), 1);
    expect(down.at(0, 100, [1, 1]).desired).toBe(10);
    expect(down.at(2, 10, [1, 1]).desired).toBe(1);
  });
});

describe("A.1: panic", () => {
  test("starts with more than one pod, and holds them", () => {
    expect(new Run(specOf(), 2).at(2, 2, [0, 0])).toMatchObject({ desired: 2, panicking: true });
    expect(new Run(specOf(), 1).at(2, 1, [0, 0])).toMatchObject({ desired: 0, panicking: false });
  });

  test("larger of stable and panic while panicking", () => {
    const spec = specOf({ targetValue: 1 });
    expect(new Run(spec, 5).at(2, 5, [50, 30]).desired).toBe(50);
    expect(new Run(spec, 5).at(2, 5, [20, 30]).desired).toBe(30);
  });

  test("falls below its maximum at once when it ends", () => {
    const run = new Run(specOf({ targetValue: 1 }));
    expect(run.at(0, 10, [11, 25])).toMatchObject({ desired: 25, panicking: true });
    expect(run.at(30, 40, [30, 41])).toMatchObject({ desired: 41, panicking: true });
    expect(run.at(62, 55, [50, 56])).toMatchObject({ desired: 50, panicking: false });
  });

  test("is extended by another time over the threshold", () => {
    const run = new Run(specOf({ targetValue: 1 }));
    run.at(0, 10, [11, 25]);
    expect(run.at(30, 40, [30, 80])).toMatchObject({ desired: 80, panicking: true });
    expect(run.at(62, 80, [50, 56])).toMatchObject({ desired: 80, panicking: true });
    expect(run.at(90, 80, [50, 56])).toMatchObject({ panicking: true });
    expect(run.at(91, 80, [50, 56])).toMatchObject({ panicking: false });
  });

  test("grows sixfold and stays", () => {
    const run = new Run(specOf({ targetValue: 1 }));
    for (const [i, pods] of [6, 36, 216, 1296].entries()) {
      expect(run.at(2 * i, Math.max(1, pods / 6), [pods, pods]).desired).toBe(pods);
    }
    expect(run.at(8, 1296, [1, 1]).desired).toBe(1296);
  });
});

describe("A.1: scale-down delay", () => {
  const spec = specOf({ scaleDownDelay: 300 * SECOND, panicThreshold: 100 });

  test("holds the maximum of the last five minutes", () => {
    const run = new Run(spec);
    const steps: [number, number, number][] = [
      [2, 40, 4],
      [300, 0, 4],
      [302, 0, 0],
      [540, 40, 4],
      [600, 30, 4],
      [660, 0, 4],
      [840, 0, 3],
      [900, 0, 0],
    ];
    for (const [seconds, value, want] of steps) expect(run.at(seconds, 4, [value, value]).desired).toBe(want);
  });

  test("unreachable bypasses it", () => {
    const run = new Run(spec);
    run.at(2, 4, [40, 40]);
    run.spec = { ...spec, reachable: false };
    expect(run.at(4, 4, [0, 0]).desired).toBe(0);
  });

  test("without it two decisions in one tick are both followed", () => {
    const run = new Run(specOf({ panicThreshold: 100 }));
    expect(run.at(0, 4, [40, 40]).desired).toBe(4);
    expect(run.at(0.5, 4, [20, 20]).desired).toBe(2);
  });

  test("set later it holds from then on, where Knative needs a restart", () => {
    const later = (rules: Rules) => {
      const run = new Run(specOf({ panicThreshold: 100 }), 1, rules);
      run.at(0, 4, [40, 40]);
      run.spec = spec;
      run.at(2, 4, [40, 40]);
      return run.at(4, 4, [20, 20]).desired;
    };
    expect(later(pilotlightRules)).toBe(4);
    expect(later(knativeRules)).toBe(2);
  });

  test("taken off later it holds no more, where Knative needs a restart", () => {
    const later = (rules: Rules) => {
      const run = new Run(spec, 1, rules);
      run.at(2, 4, [40, 40]);
      run.spec = { ...spec, scaleDownDelay: 0 };
      return run.at(4, 4, [20, 20]).desired;
    };
    expect(later(pilotlightRules)).toBe(2);
    expect(later(knativeRules)).toBe(4);
  });

  test("made shorter it forgets sooner", () => {
    const run = new Run(spec, 1, pilotlightRules);
    run.at(2, 4, [40, 40]);
    run.spec = { ...spec, scaleDownDelay: 10 * SECOND };
    expect(run.at(10, 4, [20, 20]).desired).toBe(4);
    expect(run.at(12, 4, [20, 20]).desired).toBe(2);
  });
});

test("a load beyond 32 bits asks for as many pods as there can be, where Knative's number wraps", () => {
  const spec = specOf({ targetValue: 0.01, maxScaleUpRate: 1e12 });
  expect(new Run(spec, 1, pilotlightRules).at(0, 1, [1e12, 1e12]).desired).toBe(2_147_483_647);
  expect(new Run(spec, 1, knativeRules).at(0, 1, [1e12, 1e12]).desired).toBeLessThan(2);
});
