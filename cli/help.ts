/** The texts of `--help`, made from the table of commands and their options. */
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
};

export const generalHelp = (): string =>
  `Pilotlight: scale-to-zero for plain Kubernetes Services.

Usage: pilotlight COMMAND [OPTIONS]

Commands:
${table(Object.entries(commands).map(([name, { summary }]) => [name, summary]))}

Options:
${table([
  ["-h, --help", "this text; after a command, the command's"],
  ["--version", "the version"],
])}
`;

export const commandHelp = (name: string, { summary, usage, options, details }: Command): string => {
  const rows = Object.entries(options).map(([long, { short, value, help }]) => {
    const names = `${short === undefined ? "" : `-${short}, `}--${long}`;
    return [value === undefined ? names : `${names} ${value}`, help] as const;
  });
  return `pilotlight ${name}: ${summary}.

Usage: pilotlight ${name} ${usage}

Options:
${table([...rows, ["-h, --help", "this text"]])}
${details === undefined ? "" : `\n${details.trim()}\n`}`;
};
