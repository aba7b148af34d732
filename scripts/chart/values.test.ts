import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expect, test } from "vitest";
import { chartValues } from "./values.ts";

const values = parse(readFileSync("charts/pilotlight/values.yaml", "utf8")) as Record<string, unknown>;

test("the defaults are complete, and nothing that nobody knows is among them", () => {
  const result = chartValues.safeParse(values);
  expect(result.error?.issues ?? []).toEqual([]);
});

test("a misspelt value is told of", () => {
  const wrong = chartValues.safeParse({
    ...values,
    activator: { ...(values["activator"] as object), replica: 3 },
  });
  expect(wrong.error?.issues[0]).toMatchObject({ code: "unrecognized_keys", keys: ["replica"] });
});

test("every value is used by a template, and every value that a template uses exists", () => {
  const folder = "charts/pilotlight/templates";
  const templates = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(yaml|tpl|txt)$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const used = new Set([...templates.matchAll(/\.Values\.(\w+(?:\.\w+)*)/g)].map(([, path]) => path!));
  const at = (path: string) =>
    path
      .split(".")
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);
  expect([...used].filter((path) => at(path) === undefined)).toEqual([]);
  const sections = Object.keys(values).filter((key) => ![...used].some((path) => path.split(".")[0] === key));
  expect(sections).toEqual([]);
});
