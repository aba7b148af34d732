import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
  encoding: "utf8",
})
  .trim()
  .split("\n");
const production = files.filter(
  (file) => !file.endsWith(".test.ts") && !/^(test|bench|scripts|examples)\//.test(file),
);

/** Every import of a file: `{ from, to }`, `to` a path in this tree or a package's name. */
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\b[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gms,
    ),
  ].map((match) => resolve(file, (match[1] ?? match[2])!));

const resolve = (file: string, target: string): string => {
  if (target.startsWith("#core/")) return target.slice(1);
  return target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
};

const violations = (rule: (file: string, to: string) => boolean): string[] =>
  production.flatMap((file) =>
    importsOf(file)
      .filter((to) => rule(file, to))
      .map((to) => `${file} imports ${to}`),
  );

const component = (path: string): string => path.split("/")[0]!;
const components = ["activator", "autoscaler", "webhook", "node-agent"];
const roots = ["local", "cli"];
const ours = ["core", ...components, ...roots, "test", "bench", "scripts"];

test("core imports nothing of ours", () => {
  expect(
    violations(
      (file, to) => component(file) === "core" && ours.includes(component(to)) && component(to) !== "core",
    ),
  ).toEqual([]);
});

test("components never import each other, nor the composition roots", () => {
  expect(
    violations(
      (file, to) =>
        components.includes(component(file)) &&
        ours.includes(component(to)) &&
        component(to) !== component(file) &&
        component(to) !== "core",
    ),
  ).toEqual([]);
});

test("composition roots see a component only through its build.ts and config.ts", () => {
  expect(
    violations(
      (file, to) =>
        roots.includes(component(file)) &&
        components.includes(component(to)) &&
        !/^[a-z-]+\/(build|config)\.ts$/.test(to),
    ),
  ).toEqual([]);
});

test("nothing that is shipped imports tests, benches or scripts", () => {
  expect(violations((_, to) => ["test", "bench", "scripts"].includes(component(to)))).toEqual([]);
});

test("only core/kube talks to Kubernetes", () => {
  expect(violations((file, to) => to.startsWith("@kubernetes/") && !file.startsWith("core/kube/"))).toEqual(
    [],
  );
});

/**
 * The stages of each component in the order of its walk: a file may import its own stage and later ones.
 * Files at a component's top (`build.ts`, `pipeline.ts`, …) assemble the stages and may import all of them.
 */
const walks: Record<string, readonly string[]> = {
  activator: ["listen", "lane", "steps", "stats", "wake", "backends", "throttle", "forward"],
  autoscaler: ["receive", "explain", "route", "scale", "collect", "decide"],
  webhook: ["listen", "admit"],
};

test("inside a component imports point forward in its walk", () => {
  const backward = (file: string, to: string): boolean => {
    const stages = walks[component(file)];
    if (stages === undefined || component(to) !== component(file)) return false;
    const from = stages.indexOf(file.split("/")[1]!);
    const target = to.split("/")[1]!;
    if (from < 0) return false;
    return target.endsWith(".ts")
      ? ["build.ts", "pipeline.ts"].includes(target)
      : stages.indexOf(target) < from;
  };
  expect(violations(backward)).toEqual([]);
});

test("every stage of a component is named in its walk", () => {
  const unnamed = production
    .filter((file) => walks[component(file)] !== undefined && file.split("/").length > 2)
    .filter((file) => !walks[component(file)]!.includes(file.split("/")[1]!));
  expect(unnamed).toEqual([]);
});

test("files are small: none over 250 lines, the median under 80", () => {
  const lengths = production
    .map((file) => readFileSync(file, "utf8").split("\n").length - 1)
    .sort((a, b) => a - b);
  expect(lengths.at(-1)).toBeLessThanOrEqual(250);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(80);
});

test("schemas are made by zod/mini, which costs a part 4 MB less memory than zod, and speak English", () => {
  const zod = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => /^zod\b/.test(to) && to !== "zod/mini")
      .map((to) => `${file} imports ${to}`),
  );
  expect(zod).toEqual(["core/english.ts imports zod/v4/locales/en.js"]);
});
