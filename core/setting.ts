/** Settings that are read from the environment, as schemas: with a default, and the text of docs/reference.md. */
import * as z from "zod/mini";

/** A setting whose schema says all but its meaning, which is for docs/reference.md. */
export const described = <T extends z.ZodMiniType>(schema: T, meaning: string): T =>
  schema.check(z.describe(meaning));

/** A setting that comes to `fallback` when it is unset. */
export const setting = <T extends z.ZodMiniType>(
  schema: T,
  fallback: z.core.util.NoUndefined<z.output<T>>,
  meaning: string,
): z.ZodMiniDefault<T> => described(z._default(schema, fallback), meaning);

/** A setting that may be unset; `meaning` says what happens then. */
export const optionalSetting = <T extends z.ZodMiniType>(schema: T, meaning: string): z.ZodMiniOptional<T> =>
  described(z.optional(schema), meaning);

/** A whole number, bounds included. */
export const whole = (least: number, most: number) =>
  z.coerce.number().check(z.int(), z.minimum(least), z.maximum(most));

/** A number, fractions allowed, bounds included. */
export const amount = (least: number, most: number) =>
  z.coerce.number().check(z.minimum(least), z.maximum(most));

/** A port to listen on; 0 = a free one. */
export const port = whole(0, 65_535);
