export interface Operation {
  readonly op: "add" | "remove" | "replace";
  readonly path: string;
  readonly value?: unknown;
}

/**
 * JSON Patch on objects as an API server applies it, strict where it is: the parent of a path must be there,
 * and so must what is removed. The original stays as it was.
 */
export const applyPatch = (original: unknown, patch: readonly Operation[]): unknown => {
  const root = structuredClone(original);
  for (const { op, path, value } of patch) {
    const keys = path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop()!;
    let parent = root as Record<string, unknown>;
    for (const key of keys) {
      const next = parent[key];
      if (typeof next !== "object" || next === null) throw new Error(`${op} ${path}: there is no ${key}`);
      parent = next as Record<string, unknown>;
    }
    if (op !== "add" && !Object.hasOwn(parent, last)) throw new Error(`${op} ${path}: it is not there`);
    if (op === "remove") delete parent[last];
    else parent[last] = value;
  }
  return root;
};
