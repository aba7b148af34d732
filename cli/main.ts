#!/usr/bin/env node
/** The command line, from arguments to exit code. */
import { readFileSync } from "node:fs";
import { closest } from "#core/closest.ts";
import { EXIT_BAD_INPUT } from "#core/env.ts";
import { UsageError } from "./command.ts";
import { commands } from "./commands.ts";
import { commandHelp, generalHelp } from "./help.ts";

const version = (): string => {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};

const isHelp = (arg: string | undefined): boolean => arg === "--help" || arg === "-h" || arg === "help";

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === undefined) throw new UsageError("which command?");
  if (isHelp(name)) return print(generalHelp());
  if (name === "--version") return print(`${version()}\n`);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const near = closest(name, Object.keys(commands));
    const what = name.startsWith("-") ? "option" : "command";
    throw new UsageError(`unknown ${what} ${name}${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
  const command = await entry.load();
  const end = args.indexOf("--");
  if (args.slice(0, end < 0 ? args.length : end).some((arg) => arg === "--help" || arg === "-h")) {
    return print(commandHelp(name, command));
  }
  return command.invoke(args);
};

const print = (text: string): number => {
  process.stdout.write(text);
  return 0;
};

const args = process.argv.slice(2);
try {
  // Whatever a command has left open must not keep it from ending.
  process.exit(await main(args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  const about = args[0] !== undefined && Object.hasOwn(commands, args[0]) ? ` ${args[0]}` : "";
  process.stderr.write(`pilotlight: ${error.message}\nTry: pilotlight${about} --help\n`);
  process.exitCode = EXIT_BAD_INPUT;
}
