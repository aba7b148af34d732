/** The Services as a table. */
import type { Millis } from "#core/clock.ts";

/** One Service as the table shows it. */
export interface ServiceRow {
  readonly service: string;
  readonly url: string;
  readonly state: string;
  readonly ready: number;
  readonly wanted: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly coldStarts: number;
  readonly lastColdStartMs: Millis | undefined;
}

const HEAD = ["SERVICE", "URL", "STATE", "PODS", "IN FLIGHT", "QUEUED", "COLD STARTS", "LAST"];

const cells = (row: ServiceRow): string[] => [
  row.service,
  row.url,
  row.state,
  `${row.ready}/${row.wanted}`,
  String(row.inFlight),
  String(row.queued),
  String(row.coldStarts),
  row.lastColdStartMs === undefined ? "–" : `${Math.round(row.lastColdStartMs)} ms`,
];

/** The Services as lines of a table, none longer than `columns`. */
export const tableLines = (rows: readonly ServiceRow[], columns: number): string[] => {
  const table = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd()
      .slice(0, Math.max(1, columns)),
  );
};
