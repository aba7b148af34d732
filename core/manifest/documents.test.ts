import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parseDocuments } from "./documents.ts";
import type { FieldPath } from "./problem.ts";

const text = `# a comment
apiVersion: v1
kind: Service
metadata:
  annotations:
    a.b/c: "1"
spec:
  ports:
    - port: 80
    - name: x
      port: 81
---
# nothing
---
{"kind": "Deployment",
 "apiVersion": "apps/v1"}
---
apiVersion: v1
kind: List
items:
  - kind: A
  - kind: B
    metadata: { name: b }
`;

test("documents are counted as they are separated; empty ones are left out; a List is its items", () => {
  const { documents, problems } = parseDocuments("x.yaml", text);
  expect(problems).toEqual([]);
  expect(documents.map(({ index, value }) => [index, (value as { kind: string }).kind])).toEqual([
    [1, "Service"],
    [3, "Deployment"],
    [4, "A"],
    [4, "B"],
  ]);
});

test.each<[document: number, path: FieldPath, line: number]>([
  [0, ["metadata", "annotations", "a.b/c"], 6],
  [0, ["spec"], 7],
  [0, ["spec", "ports", 1], 10],
  [0, ["spec", "ports", 1, "port"], 11],
  [0, ["spec", "ports", 0, "missing"], 9],
  [0, ["status", "missing"], 2],
  [1, ["apiVersion"], 16],
  [3, ["metadata", "name"], 23],
  [2, [], 21],
])("document %i: %j is on line %i", (document, path, line) => {
  expect(parseDocuments("x.yaml", text).documents[document]!.line(path)).toBe(line);
});

test("a syntax error is a problem of its document, and the others are read", () => {
  const { documents, problems } = parseDocuments("x.yaml", "a: 1\n---\na: b: c\n---\na: 3\n");
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { a: 3 }]);
  expect(problems).toEqual([
    {
      file: "x.yaml",
      document: 2,
      line: 3,
      object: "",
      field: "",
      message: "not valid YAML: Nested mappings are not allowed in compact mappings",
      remedy: "correct the syntax at this line",
    },
  ]);
});

test("a file that would grow beyond measure is a problem", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefgh".split("").map((name, i) => {
      const before = `*${"abcdefg".charAt(i)}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
    }),
  ].join("\n");
  expect(parseDocuments("x.yaml", bomb).problems.map(({ message }) => message)).toEqual([
    expect.stringContaining("not valid YAML: Excessive alias count"),
  ]);
});

test("every field of every document is on the line that has its key", () => {
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  const tree = fc.letrec<{ node: unknown; map: Record<string, unknown> }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.nat(),
      tie("map"),
      fc.array(tie("map"), { minLength: 1, maxLength: 3 }),
    ),
    map: fc.dictionary(key, tie("node"), { minKeys: 1, maxKeys: 3 }),
  })).map;
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), (values) => {
      const all = values.map((value) => stringify(value)).join("---\n");
      const lines = all.split("\n");
      const { documents } = parseDocuments("x.yaml", all);
      expect(documents.map(({ value }) => value)).toEqual(values);
      for (const document of documents) {
        for (const path of pathsOf(document.value)) {
          const line = lines[document.line(path) - 1]!;
          if (typeof path.at(-1) === "string") expect(line).toMatch(new RegExp(`^[ -]*${path.at(-1)}:`));
          else expect(line).toMatch(/^ *- /);
        }
      }
    }),
  );
});

const pathsOf = (value: unknown, path: FieldPath = []): FieldPath[] => {
  if (typeof value !== "object" || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, i) => [i, item])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])]);
};

test("whatever a file holds, it is read or there is a problem", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (anything) => {
      const { documents, problems } = parseDocuments("x.yaml", anything);
      for (const document of documents) expect(document.line(["spec", 0])).toBeGreaterThan(0);
      for (const { line } of problems) expect(line).toBeGreaterThan(0);
    }),
  );
});
