import { distribution } from "../report/distribution.ts";
import type { Memory } from "./memory.ts";
import type { Row } from "./rows.ts";

/** What was measured of one contestant in one row, one value a round. */
export interface Samples {
  readonly cpu: number[];
  readonly throughput: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly p999: number[];
}

export const newSamples = (): Samples => ({ cpu: [], throughput: [], p50: [], p99: [], p999: [] });

const median = (values: readonly number[]): number => distribution(values).p50;
const cell = (text: string): string => text.padStart(12);
const rounded = (value: number, digits = 1): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));

/** One row's table: medians, and each contestant's CPU as a multiple of nginx's and of Go's. */
export const rowReport = (row: Row, samples: ReadonlyMap<string, Samples>, direct: Samples): string => {
  const cpuOf = (name: string): number => median(samples.get(name)?.cpu ?? []);
  const head = ["CPU µs/req", "min–max", "× nginx", "× go", "req/s", "+p50 µs", "+p99 µs", "+p99.9 µs"];
  const lines = [...samples].map(([name, { cpu, throughput, p50, p99, p999 }]) => {
    const { min, max } = distribution(cpu);
    const added = (values: readonly number[], base: readonly number[]): string =>
      rounded(median(values) - median(base), 0);
    const cells = [
      rounded(median(cpu)),
      `${rounded(min)}–${rounded(max)}`,
      rounded(median(cpu) / cpuOf("nginx"), 2),
      rounded(median(cpu) / cpuOf("go"), 2),
      rounded(median(throughput), 0),
      added(p50, direct.p50),
      added(p99, direct.p99),
      added(p999, direct.p999),
    ];
    return `${name.padEnd(12)}${cells.map(cell).join("")}`;
  });
  const n = direct.p50.length;
  const base = `direct to the pod, one client: p50 ${rounded(median(direct.p50), 0)}, p99 ${rounded(median(direct.p99), 0)}, p99.9 ${rounded(median(direct.p999), 0)} µs`;
  return [
    `${row.name}: ${row.title} (n = ${n}; ${base})`,
    `${"".padEnd(12)}${head.map(cell).join("")}`,
    ...lines,
    "",
  ].join("\n");
};

export const memoryReport = (memory: ReadonlyMap<string, Memory>): string => {
  const head = ["idle MiB", "KiB/idle", "KiB/held"];
  const lines = [...memory].map(
    ([name, { idleMiB, kibPerIdle, kibPerHeld }]) =>
      `${name.padEnd(12)}${[idleMiB, kibPerIdle, kibPerHeld].map((value) => cell(rounded(value))).join("")}`,
  );
  return [
    "memory: resident when idle; added by each of 1,000 idle connections, and of 1,000 requests under way",
    `${"".padEnd(12)}${head.map(cell).join("")}`,
    ...lines,
    "",
  ].join("\n");
};
