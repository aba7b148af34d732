/** The script by which a shell becomes a command. */
/** What a shell has to do to become a pod's process. */
export interface ShellStart {
  readonly command: readonly string[];
  /** Variables beyond those the shell was started with. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A word that a shell takes as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A script for a POSIX shell after which the shell is the command, with nothing of the shell left; undefined
 * when it cannot be written, because a shell knows no such variable names or texts.
 */
export const becomeScript = ({ command, variables, cwd }: ShellStart): string | undefined => {
  const names = Object.keys(variables);
  const texts = [...command, ...Object.values(variables), cwd];
  if (names.some((name) => !NAME.test(name)) || texts.some((text) => text.includes("\0"))) return undefined;
  const exports = names.map((name) => `export ${name}=${quoted(variables[name]!)}`);
  return [
    `cd ${quoted(cwd)} || exit 126`,
    "unset OLDPWD",
    ...exports,
    `exec ${command.map(quoted).join(" ")} </dev/null`,
    "",
  ].join("\n");
};
