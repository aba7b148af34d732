import type * as z from "zod/mini";
import "#core/english.ts";

/** The exit code for settings and manifests that cannot be used (EX_USAGE of sysexits). */
export const EXIT_BAD_INPUT = 64;

/** Every problem of one environment, ready to print. */
export class EnvError extends Error {
  override readonly name = "EnvError";
}

/**
 * Reads settings from `env` by `schema`. The schema's keys are the variables' names; variables it does not
 * name are ignored. Throws one `EnvError` that lists all problems.
 */
export const parseEnv = <T extends z.ZodMiniType>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): z.output<T> => {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new EnvError(`bad environment:\n  ${lines.join("\n  ")}`);
};
