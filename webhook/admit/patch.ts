/** The operations of JSON Patch (RFC 6902) that an admission answer needs. */
export type Operation =
  | { readonly op: "add"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

type Annotations = Readonly<Record<string, string>>;

/** A JSON Pointer (RFC 6901) to `segments`. */
const pointer = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Sets one annotation; makes the map first where the object has none. */
export const setAnnotation = (present: Annotations | undefined, key: string, value: string): Operation[] => {
  if (present === undefined) {
    return [{ op: "add", path: "/metadata/annotations", value: { [key]: value } }];
  }
  if (present[key] === value) return [];
  return [{ op: "add", path: pointer("metadata", "annotations", key), value }];
};

/** Sets `spec.selector`. */
export const setSelector = (value: Readonly<Record<string, string>>): Operation => ({
  op: "add",
  path: "/spec/selector",
  value,
});

/** Takes `spec.selector` away, which must be there. */
export const removeSelector: Operation = { op: "remove", path: "/spec/selector" };

/** Takes one annotation away, which must be there. */
export const removeAnnotation = (key: string): Operation => ({
  op: "remove",
  path: pointer("metadata", "annotations", key),
});

/**
 * Takes `spec.selector` out of every manager's fields (`metadata.managedFields`). The API server has written
 * down who set it before admission took it away again; left there, the next server-side apply of the same
 * manifest by another manager would end in a conflict over a field that does not even exist.
 */
export const disownSelector = (managedFields: unknown): Operation[] =>
  (Array.isArray(managedFields) ? managedFields : []).flatMap((entry: unknown, i) => {
    const fields = fieldOf(entry, "fieldsV1");
    const spec = fieldOf(fields, "f:spec");
    if (fieldOf(spec, "f:selector") === undefined) return [];
    const path = ["metadata", "managedFields", String(i), "fieldsV1", "f:spec"];
    const last = Object.keys(spec as object).every((key) => key === "f:selector" || key === ".");
    return [{ op: "remove", path: pointer(...path, ...(last ? [] : ["f:selector"])) }];
  });

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
