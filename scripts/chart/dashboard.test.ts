import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dashboard, panels } from "./dashboard.ts";

test("every metric that is drawn is one that there is", () => {
  const known = new Set(readFileSync("docs/reference.md", "utf8").match(/pilotlight_\w+/g));
  const drawn = panels
    .flatMap(({ lines }) => Object.values(lines))
    .flatMap((line) => line.match(/pilotlight_\w+/g) ?? [])
    .map((name) => (known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "")));
  expect(drawn.filter((name) => !known.has(name))).toEqual([]);
  expect(new Set(drawn).size).toBeGreaterThan(10);
});

test("panels do not overlap", () => {
  const { panels: drawn } = JSON.parse(dashboard()) as { panels: { gridPos: { x: number; y: number } }[] };
  expect(new Set(drawn.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)).size).toBe(drawn.length);
});
