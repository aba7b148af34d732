/** Variable references in commands and variables. */
/**
 * Kubernetes's variable references in `command`, `args` and `env`: `$(NAME)` becomes the variable's value, a
 * reference to an unknown variable stays as it is written, and `$$` is a dollar sign, so that `$$(NAME)` is
 * the text `$(NAME)`. (Kubernetes API, Container.command.)
 */
export const expand = (text: string, variables: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (match === "$$") return "$";
    return Object.hasOwn(variables, name!) ? (variables[name!] ?? match) : match;
  });

/**
 * The environment of a container: each value may refer to variables before it. `given` comes first and cannot
 * be overridden (a pod's PORT is its own, whatever the manifest says).
 */
export const expandEnv = (
  env: readonly { readonly name: string; readonly value: string }[],
  given: Readonly<Record<string, string>>,
): Record<string, string> => {
  const variables: Record<string, string> = { ...given };
  for (const { name, value } of env) {
    if (!Object.hasOwn(given, name)) variables[name] = expand(value, variables);
  }
  return variables;
};
