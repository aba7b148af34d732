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

/**
 * The comment at the file's head, else the one on the export that the file is named for, else on its first class
 * or function, else the first one.
 */
const job = (file: string): string => {
  const comments = topLevelComments(readFileSync(file, "utf8"));
  const name = wordsOf(file.replace(/^.*\/|\.ts$/g, ""));
  const found =
    comments.find(({ follows }) => follows === "" || follows.startsWith("import ")) ??
    comments.find(({ follows }) => wordsOf(exported(follows)).startsWith(name)) ??
    comments.find(({ follows }) => /^export (class|const \w+ = (async )?(<[^>]*>)?\()/.test(follows)) ??
    comments[0];
  if (found === undefined) throw new Error(`${file}: has no doc comment that says what it is for`);
  return /^(.{15,}?[.:;])(\s|$)/.exec(found.text)?.[1]?.replace(/[:;]$/, ".") ?? found.text;
};

interface Comment {
  readonly text: string;
  /** The line after it. */
  readonly follows: string;
}

const topLevelComments = (source: string): Comment[] =>
  [...source.matchAll(/^\/\*\*([\s\S]*?)\*\/\n([^\n]*)/gm)].map(([, comment = "", follows = ""]) => ({
    text: comment
      .replaceAll(/^\s*\* ?/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim(),
    follows,
  }));

const exported = (line: string): string => /^export (?:abstract )?\w+ (\w+)/.exec(line)?.[1] ?? "";

/** `listen-host` and `ListenHost` alike: `listenhost`. */
const wordsOf = (name: string): string => name.replaceAll("-", "").toLowerCase();
