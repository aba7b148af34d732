/**
 * Writes the tables that come from the code into the documents, between `<!-- generated:NAME -->` and
 * `<!-- /generated -->`. `--check` writes nothing and exits 1 when a document is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tables } from "./generate/tables.ts";

const documents = ["README.md", "docs/reference.md", "docs/architecture.md"];
const check = process.argv.includes("--check");

const fill = (text: string, file: string): string =>
  text.replaceAll(
    /(<!-- generated:([\w-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g,
    (_, open: string, name: string, close: string) => {
      const table = tables[name];
      if (table === undefined) throw new Error(`${file}: no table is called "${name}"`);
      return `${open}${table()}\n${close}`;
    },
  );

let stale = 0;
for (const file of documents) {
  const before = readFileSync(file, "utf8");
  const after = fill(before, file);
  if (after === before) continue;
  if (check) {
    console.error(`${file} is stale: run npm run generate`);
    stale++;
  } else writeFileSync(file, after);
}
process.exit(stale > 0 ? 1 : 0);
