/** Tells a person, by a table that is always up to date below what scrolls by. */
import type { Clock } from "#core/clock.ts";
import { timeText } from "./lines.ts";
import type { Output, Reporter } from "./reporter.ts";
import { writeLine } from "./reporter.ts";
import { tableLines, type ServiceRow } from "./table.ts";
import { eventText } from "./text.ts";

const REFRESH_MS = 250;
const UP = (lines: number): string => (lines === 0 ? "" : `\u001B[${lines}A`);
const CLEAR_BELOW = "\u001B[0J";
const BOLD = (text: string): string => `\u001B[1m${text}\u001B[22m`;

interface TerminalOptions {
  readonly clock: Clock;
  readonly stdout: Output;
  /** The table's rows now; undefined while there is nothing to show. */
  readonly rows: () => readonly ServiceRow[] | undefined;
}

/** The table with a blank line above it, no higher than the terminal: it could not be drawn over otherwise. */
const tableOf = (rows: readonly ServiceRow[] | undefined, { columns, rows: height }: Output): string[] => {
  if (rows === undefined) return [];
  const [head, ...body] = tableLines(rows, columns || 80);
  const room = Math.max(1, (height || 24) - 4);
  const more = body.length > room ? [`… and ${body.length - room} more`] : [];
  return ["", BOLD(head!), ...body.slice(0, room), ...more];
};

/** For a person: events and the output of pods scroll by above a table that is always up to date. */
export const terminalReporter = ({ clock, stdout, rows }: TerminalOptions): Reporter => {
  let drawn: readonly string[] = [];
  const draw = (above: string | undefined): Promise<void> | undefined => {
    const next = tableOf(rows(), stdout);
    if (above === undefined && next.join("\n") === drawn.join("\n")) return;
    const erase = drawn.length === 0 ? "" : `${UP(drawn.length)}\r${CLEAR_BELOW}`;
    drawn = next;
    const lines = [...(above === undefined ? [] : [above]), ...next];
    return writeLine(stdout, `${erase}${lines.join("\n")}`);
  };
  const timer = clock.every(REFRESH_MS, () => void draw(undefined));
  return {
    event: (event, at) => {
      const text = eventText(event);
      if (text !== undefined) void draw(`${timeText(at)} ${text}`);
    },
    line: (pod, text) => draw(`${pod} | ${text}`),
    stop: () => timer[Symbol.dispose](),
  };
};
