import type { Clock } from "#core/clock.ts";
import { jsonReporter } from "./json.ts";
import { lineReporter } from "./lines.ts";
import type { Outputs, Reporter } from "./reporter.ts";
import type { ServiceRow } from "./table.ts";
import { terminalReporter } from "./terminal.ts";

export type OutputKind = "json" | "lines" | "terminal";

/** The reporter for one kind of reader. `rows` = the table's, undefined while there is nothing to show. */
export const createReporter = (
  { output, outputs }: { readonly output: OutputKind; readonly outputs: Outputs },
  clock: Clock,
  rows: () => readonly ServiceRow[] | undefined,
): Reporter => {
  if (output === "json") return jsonReporter(outputs);
  if (output === "lines") return lineReporter(outputs.stdout);
  return terminalReporter({ clock, stdout: outputs.stdout, rows });
};
