import { distribution } from "./distribution.ts";

/** One line a row: `name  n  min  p50  p95  max`, values with one decimal. */
export const distributionTable = (rows: ReadonlyMap<string, readonly number[]>, unit: string): string => {
  const width = Math.max(...[...rows.keys()].map((name) => name.length), 4);
  const cell = (value: number | string): string =>
    (typeof value === "number" ? value.toFixed(1) : value).padStart(9);
  const head = `${unit.padEnd(width)}${["n", "min", "p50", "p95", "max"].map(cell).join("")}`;
  const lines = [...rows].map(([name, values]) => {
    const d = distribution(values);
    return `${name.padEnd(width)}${cell(String(d.n))}${[d.min, d.p50, d.p95, d.max].map(cell).join("")}`;
  });
  return [head, ...lines].join("\n");
};
