import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { markdownTable } from "./markdown.ts";

/** Every production file with its one job: the first sentence of its first doc comment. */
export const filesTable = (): string =>
  markdownTable(
    ["file", "its one job"],
    productionFiles().map((file) => [`\`${file}\``, job(file)]),
  );

const productionFiles = (): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .filter((file) => /^(core|activator|autoscaler|webhook|node-agent|local|cli)\//.test(file))
    .filter((file) => !file.endsWith(".test.ts"))
    .sort();

const job = (file: string): string => {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, "utf8"))?.[1];
  if (comment === undefined) throw new Error(`${file}: has no doc comment that says what it is for`);
  const text = comment
    .replaceAll(/^\s*\* ?/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /^(.*?[.:;])(\s|$)/.exec(text)?.[1]?.replace(/[:;]$/, ".") ?? text;
};
