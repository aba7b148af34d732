/** The table, the goals and the picture of the node agent's bench. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { distribution } from "../report/distribution.ts";
import { stripChart } from "../report/svg.ts";
import { distributionTable } from "../report/table.ts";
import type { OwnStart, Through } from "./runs.ts";

export interface Results {
  readonly own: OwnStart[];
  readonly on: Through[];
  readonly off: Through[];
  readonly slow: Through[];
}

type Rows = Map<string, number[]>;

/** Prints what was measured and whether the goals are met; draws it as well. */
export const report = (results: Results, out: string): void => {
  const rows = filled([
    ["container's own start", results.own.map(({ accepted }) => accepted)],
    ["answer, agent on", results.on.map(({ answered }) => answered)],
    ["answer, agent off", results.off.map(({ answered }) => answered)],
    ["IP known to agent", results.on.flatMap(({ agent }) => agent ?? [])],
    ["IP known to API, agent on", results.on.map(({ api }) => api)],
    ["IP known to API, agent off", results.off.map(({ api }) => api)],
    ["slow app: answer after it listens", results.slow.flatMap(afterListening)],
  ]);
  console.log(distributionTable(rows, "ms"));
  const phases = filled([...phasesOf("on", results.on), ...phasesOf("off", results.off)]);
  if (phases.size > 0) console.log(`\nEach phase, since the one before:\n${distributionTable(phases, "ms")}`);
  console.log(`\n${goals(results).join("\n")}`);
  console.log(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
  writeFileSync(out, stripChart("Cold start with the node agent", new Map([...rows, ...phases]), "ms"));
  console.log(`picture: ${out}`);
};

const filled = (rows: readonly (readonly [string, number[]])[]): Rows =>
  new Map(rows.filter(([, values]) => values.length > 0));

const afterListening = ({ answered, accepted }: Through): number[] =>
  accepted === undefined ? [] : [answered - accepted];

const phasesOf = (side: string, runs: readonly Through[]): [string, number[]][] => {
  const names = new Set(runs.flatMap(({ phases }) => [...phases.keys()]));
  return [...names].map((name) => [`${side}: ${name}`, runs.flatMap(({ phases }) => phases.get(name) ?? [])]);
};

const goals = ({ own, on, off, slow }: Results): string[] => {
  if (on.length === 0) return [];
  const floor = distribution(own.map(({ accepted }) => accepted));
  const { p50, p95 } = distribution(on.map(({ answered }) => answered));
  const listened = distribution(slow.flatMap(afterListening));
  return [
    goal("p50 above the container's own start", p50 - floor.p50, 15),
    goal("p50", p50, 220),
    goal("p95", p95, 260),
    goal("slow app: p50 from listening to the answer", listened.p50, 30),
    ...(off.length === 0 ? [] : [faster(distribution(off.map(({ answered }) => answered)).p50 / p50)]),
  ];
};

const goal = (what: string, value: number, most: number): string =>
  `${value <= most ? "met   " : "missed"}  ${what}: ${value.toFixed(1)} ms (goal: at most ${most})`;

const faster = (factor: number): string =>
  `${factor >= 2.5 ? "met   " : "missed"}  without the agent / with it, medians: ${factor.toFixed(2)} (goal: at least 2.5)`;
