/** What is wrong with a field of an object, where, and what to do about it. */
/** Where a field is in an object: keys and indices from the object's root. */
export type FieldPath = readonly (string | number)[];

/** What is wrong with one field of one Kubernetes object, and what to do about it. */
export interface FieldProblem {
  /** Kind and name as a user would say them: `Service default/hello`. */
  readonly object: string;
  readonly path: FieldPath;
  readonly message: string;
  readonly remedy: string;
}

/** A problem with its place in a file. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 0 when the file as a whole is meant. */
  readonly document: number;
  /** Counted from 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly object: string;
  /** The path as text, `spec.ports[0].port`; empty when the object as a whole is meant. */
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/** A value, or all the reasons why there is none. */
export type Draft<T, P = FieldProblem> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly P[] };

export const accepted = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const refused = <P>(
  problems: readonly P[],
): { readonly ok: false; readonly problems: readonly P[] } => ({ ok: false, problems });

/** `["spec", "ports", 0, "a.b/c"]` → `spec.ports[0]["a.b/c"]`. */
export const fieldText = (path: FieldPath): string =>
  path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");

/** One problem as a user reads it: the place, what is wrong, and what to do. */
export const problemText = ({ file, document, line, object, field, message, remedy }: Problem): string => {
  const place = line > 0 ? `${file}:${line} (document ${document})` : file;
  const subject = [object, field].filter((part) => part !== "").join(" ");
  return `${place}: ${subject === "" ? "" : `${subject}: `}${message}\n    → ${remedy}`;
};
