/** What a command is, how its options are parsed, and what a wrong one is answered. */
import { parseArgs } from "node:util";
import { closest } from "#core/closest.ts";

/** One option of a command, as `node:util` parses it, and how the help shows it. */
interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** The word for its value in the help: `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<T extends Option> = T["type"] extends "boolean"
  ? boolean
  : T["multiple"] extends true
    ? string[]
    : string;

type Values<T extends Options> = { readonly [K in keyof T]?: ValueOf<T[K]> };

interface Definition<T extends Options> {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the command's name: `-f FILE_OR_DIR … [--json]`. */
  readonly usage: string;
  /** More than one line can say; printed below the options. */
  readonly details?: string;
  readonly options: T;
  /** Resolves with the exit code when the command has ended. */
  run(values: Values<T>, operands: readonly string[]): Promise<number>;
}

export interface Command extends Omit<Definition<Options>, "run"> {
  /** Parses `args` and runs; throws `UsageError` for arguments that cannot be. */
  invoke(args: readonly string[]): Promise<number>;
}

/** The arguments cannot be used: exit code 64, with a hint. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const command = <const T extends Options>(definition: Definition<T>): Command => ({
  ...definition,
  invoke: (args) => {
    const { values, positionals } = parse(definition.options, args);
    return definition.run(values as Values<T>, positionals);
  },
});

const parse = (options: Options, args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unknown = code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" ? /'(--?[^' ]+)'/.exec(message)?.[1] : undefined;
    if (unknown === undefined) throw new UsageError(message.replace(/^Option /, "option "));
    const near = closest(unknown.replace(/^-+/, ""), Object.keys(options));
    throw new UsageError(`unknown option ${unknown}${near === undefined ? "" : `; did you mean --${near}?`}`);
  }
};
