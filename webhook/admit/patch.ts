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
