import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Case } from "./family.ts";

/** The families of a folder, by file name, sorted. */
export const familiesIn = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .sort();

/** Reads one family. Throws when the file's header names another family or another number of cases. */
export const readCases = async (dir: string, family: string): Promise<readonly Case[]> => {
  const cases: Case[] = [];
  let header: { readonly family?: unknown; readonly cases?: unknown } | undefined;
  for await (const line of createInterface({ input: createReadStream(join(dir, `${family}.jsonl`)) })) {
    if (line === "") continue;
    if (header === undefined) header = JSON.parse(line) as NonNullable<typeof header>;
    else cases.push(JSON.parse(line) as Case);
  }
  if (header?.family !== family || header.cases !== cases.length) {
    throw new Error(
      `${family}.jsonl: the header says ${JSON.stringify(header)}, there are ${cases.length} cases`,
    );
  }
  return cases;
};
