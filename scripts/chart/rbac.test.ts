import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync("charts/pilotlight/README.md", "utf8");

/** The rows below a part's heading, as resource → verbs. */
const documented = (part: string): Map<string, Set<string>> => {
  const [, section = ""] = readme.split(`### ${part}`);
  const found = new Map<string, Set<string>>();
  for (const line of section.split("\n###")[0]!.split("\n")) {
    const [, , resources = "", verbs = ""] = line.split("|");
    for (const [, resource] of resources.matchAll(/`([a-z/]+)`/g)) {
      const known = found.get(resource!) ?? new Set<string>();
      for (const verb of verbs.split(",")) known.add(verb.trim());
      found.set(resource!, known);
    }
  }
  return found;
};

/** What a template grants, as resource → verbs. */
const granted = (template: string): Map<string, Set<string>> => {
  const text = readFileSync(`charts/pilotlight/templates/${template}`, "utf8");
  const shared = readFileSync("charts/pilotlight/templates/_helpers.tpl", "utf8").split("range .Values")[0]!;
  const all = text.includes("pilotlight.scaleRules") ? text + shared : text;
  const found = new Map<string, Set<string>>();
  const rules = all.matchAll(/resources: \[([^\]]+)\]\n(?:\s+resourceNames:.*\n)?\s+verbs: \[([^\]]+)\]/g);
  for (const [, resources, verbs] of rules) {
    for (const resource of resources!.split(",")) {
      const known = found.get(resource.trim()) ?? new Set<string>();
      for (const verb of verbs!.split(",")) known.add(verb.trim());
      found.set(resource.trim(), known);
    }
  }
  return found;
};

test.each([
  ["activator", "activator-rbac.yaml"],
  ["autoscaler", "autoscaler-rbac.yaml"],
  ["webhook", "webhook-rbac.yaml"],
  ["node agent", "node-agent.yaml"],
])("the README tells every right of the %s, and no other", (part, template) => {
  const shown = (rights: Map<string, Set<string>>) =>
    [...rights]
      .map(([resource, verbs]) => `${resource}: ${[...verbs].toSorted().join(" ")}`)
      .filter((line) => !line.includes("{{"))
      .toSorted();
  expect(shown(documented(part))).toEqual(shown(granted(template)));
  expect(granted(template).size).toBeGreaterThan(0);
});
