import { writeFileSync } from "node:fs";
import { distribution } from "../report/distribution.ts";
import { stripChart } from "../report/svg.ts";
import { distributionTable } from "../report/table.ts";
import type { FloorRun } from "./floor.ts";
import type { ThroughRun } from "./through.ts";

/** Goals of the difference between both medians and both 95th percentiles, in milliseconds. */
const GOALS = { p50: 10, p95: 25 };

/** The floor's instants in order, each with the time since the one before. */
const FLOOR_PHASES = ["created", "scheduled", "address", "accepted", "answered"] as const;

/** Prints both contestants, their difference, and each phase of both; draws them as well. */
export const report = (
  { floor, through }: { floor: readonly FloorRun[]; through: readonly ThroughRun[] },
  out: string,
): void => {
  const totals = new Map<string, number[]>([["floor", floor.map((run) => run.answered)]]);
  const rest = new Map<string, number[]>([["floor, without the kubelet", floor.map(floorWithoutKubelet)]]);
  if (through.length > 0) {
    const answered = through.map((run) => run.answered);
    totals.set("through Pilotlight", answered);
    rest.set("through Pilotlight, without the kubelet", through.map(throughWithoutKubelet));
  }
  const phases = new Map([...floorPhases(floor), ...throughPhases(through)]);
  for (const rows of [totals, rest]) {
    console.log(distributionTable(rows, "ms"));
    const [a = [], b] = [...rows.values()];
    if (b !== undefined)
      console.log(`difference: ${difference(a, b)} (goal: p50 ${GOALS.p50}, p95 ${GOALS.p95})\n`);
  }
  console.log(`Each phase, since the one before:\n${distributionTable(phases, "ms")}`);
  writeFileSync(out, stripChart("Cold start on the cluster", new Map([...totals, ...rest, ...phases]), "ms"));
  console.log(`picture: ${out}`);
};

const difference = (a: readonly number[], b: readonly number[]): string => {
  const [floor, through] = [distribution(a), distribution(b)];
  const of = (key: "min" | "p50" | "p95" | "max"): string =>
    `${key} ${(through[key] - floor[key]).toFixed(1)} ms`;
  return (["min", "p50", "p95", "max"] as const).map(of).join(", ");
};

/**
 * The kubelet's part, from a scheduled pod to a known address, is 0.2 to 1.4 s by chance (it looks once a second) and
 * the same for both; what is left is what Pilotlight can be better or worse at.
 */
const floorWithoutKubelet = (run: FloorRun): number => run.answered - (run.address - run.scheduled);

const throughWithoutKubelet = ({ answered, phases }: ThroughRun): number =>
  answered - (phases.get("cold-started") ?? 0) - (phases.get("cold-address") ?? 0);

const floorPhases = (floor: readonly FloorRun[]): [string, number[]][] =>
  FLOOR_PHASES.map((phase, i) => {
    const before = FLOOR_PHASES[i - 1];
    const took = floor.map((run) => run[phase] - (before === undefined ? 0 : run[before]));
    return [`floor: ${phase}`, took];
  });

const throughPhases = (through: readonly ThroughRun[]): [string, number[]][] => {
  const phases = new Map<string, number[]>();
  for (const run of through) {
    for (const [phase, took] of run.phases) {
      phases.set(phase, [...(phases.get(phase) ?? []), took]);
    }
  }
  return [...phases].map(([phase, took]) => [`Pilotlight: ${phase}`, took]);
};
