/** Splits a manifest file into its objects, and knows the line of every field. */
import { isNode, LineCounter, parseAllDocuments, type Document } from "yaml";
import type { FieldPath, FieldProblem, Problem } from "./problem.ts";
import { fieldText } from "./problem.ts";

/** One object of a manifest file. */
export interface ManifestDocument {
  readonly file: string;
  /** Counted from 1, as `---` separates them; objects of a `List` share their document's. */
  readonly index: number;
  readonly value: unknown;
  /** The line of a field, or of the closest field around it that is written down. Counted from 1. */
  line(path: FieldPath): number;
}

export interface ParsedFile {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly Problem[];
}

/** Splits one file, YAML or JSON, into its objects. Empty documents are left out; a `List` becomes its items. */
export const parseDocuments = (file: string, text: string): ParsedFile => {
  const lines = new LineCounter();
  const documents: ManifestDocument[] = [];
  const problems: Problem[] = [];
  const parsed = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false });
  for (const [i, document] of (Array.isArray(parsed) ? parsed : []).entries()) {
    const index = i + 1;
    const source = { file, index, document, lines };
    const errors = document.errors.map(({ message, pos }) =>
      syntaxProblem(source, lines.linePos(pos[0]).line, message),
    );
    problems.push(...errors);
    if (errors.length > 0) continue;
    try {
      documents.push(...objectsOf(source));
    } catch (error) {
      problems.push(syntaxProblem(source, lineOf(source, []), (error as Error).message));
    }
  }
  return { documents, problems };
};

const syntaxProblem = ({ file, index }: Source, line: number, message: string): Problem => ({
  file,
  document: index,
  line,
  object: "",
  field: "",
  message: `not valid YAML: ${message}`,
  remedy: "correct the syntax at this line",
});

interface Source {
  readonly file: string;
  readonly index: number;
  readonly document: Document;
  readonly lines: LineCounter;
}

const objectsOf = (source: Source): ManifestDocument[] => {
  const { file, index, document } = source;
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return [];
  const items = listItems(value);
  if (items === undefined) return [{ file, index, value, line: (path) => lineOf(source, path) }];
  return items.map((item, i) => ({
    file,
    index,
    value: item,
    line: (path) => lineOf(source, ["items", i, ...path]),
  }));
};

const listItems = (value: unknown): readonly unknown[] | undefined => {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items : undefined;
};

const lineOf = ({ document, lines }: Source, path: FieldPath): number => {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : keyNode(document, path.slice(0, length));
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
};

/** The key of a field where there is one, since a value that is a block begins on the line after it. */
const keyNode = (document: Document, path: FieldPath): unknown => {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const { items } = (parent ?? {}) as { items?: readonly { key?: { value?: unknown } }[] };
  const key = path.at(-1);
  return typeof key === "number" ? items?.[key] : items?.find((pair) => pair.key?.value === key)?.key;
};

/** Gives a problem of an object its place in the file that the object came from. */
export const locate = (document: ManifestDocument, problem: FieldProblem): Problem => ({
  file: document.file,
  document: document.index,
  line: document.line(problem.path),
  object: problem.object,
  field: fieldText(problem.path),
  message: problem.message,
  remedy: problem.remedy,
});
