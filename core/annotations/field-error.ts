import { compareUtf8 } from "../utf8-order.ts";

/** One rule that was broken (`knative.md` 1.2), in Knative's form. */
export interface FieldError {
  readonly message: string;
  /** What the message is about: annotation keys, or whole field paths after `underField`. */
  readonly paths: readonly string[];
  /** Printed on a line of its own. */
  readonly details?: string;
}

export const invalidValue = (value: string, path: string): FieldError => ({
  message: `invalid value: ${value}`,
  paths: [path],
});

/** `low` and `high` are already printed, as Go's `%v` prints them. */
export const outOfBounds = (
  value: string,
  bounds: readonly [low: string, high: string],
  path: string,
): FieldError => ({
  message: `expected ${bounds[0]} <= ${value} <= ${bounds[1]}`,
  paths: [path],
});

/** Puts every path under `prefix` (`metadata.annotations`); an empty path becomes the prefix itself. */
export const underField = (prefix: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({
    ...error,
    paths: error.paths.map((path) => (path === "" ? prefix : `${prefix}.${path}`)),
  }));

/** Errors with equal message and details become one; paths and errors are sorted by their bytes. */
export const mergeFieldErrors = (errors: readonly FieldError[]): FieldError[] => {
  const merged = new Map<string, FieldError>();
  for (const error of errors) {
    const key = JSON.stringify([error.message, error.details ?? ""]);
    const paths = new Set([...(merged.get(key)?.paths ?? []), ...error.paths]);
    merged.set(key, { ...error, paths: [...paths].sort(compareUtf8) });
  }
  return [...merged.values()].sort(
    (a, b) => compareUtf8(a.message, b.message) || compareUtf8(a.details ?? "", b.details ?? ""),
  );
};

/** Knative's text: `message: path, path`, one error per line, details on a line of their own; "" for none. */
export const formatFieldErrors = (errors: readonly FieldError[]): string =>
  mergeFieldErrors(errors)
    .map(({ message, paths, details }) => {
      const line = `${message}: ${paths.join(", ")}`;
      return details === undefined || details === "" ? line : `${line}\n${details}`;
    })
    .join("\n");
