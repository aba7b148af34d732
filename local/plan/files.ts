/** Reads the files and folders that were named. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDocuments, type ManifestDocument } from "#core/manifest/documents.ts";
import type { Problem } from "#core/manifest/problem.ts";

export interface ManifestFiles {
  /** Files and folders to be watched: those that were named, as they were named. */
  readonly named: readonly string[];
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly Problem[];
}

const isManifest = (name: string): boolean => /\.(ya?ml|json)$/i.test(name);

/** Reads the manifests in `named`, files or folders; of a folder its own `.yaml`, `.yml` and `.json` files. */
export const readManifests = (named: readonly string[]): ManifestFiles => {
  const problems: Problem[] = [];
  const documents: ManifestDocument[] = [];
  const files = new Set(named.flatMap((path) => filesOf(path, problems)));
  for (const file of files) {
    try {
      const parsed = parseDocuments(file, readFileSync(file, "utf8"));
      documents.push(...parsed.documents);
      problems.push(...parsed.problems);
    } catch (error) {
      problems.push(unreadable(file, error));
    }
  }
  return { named, documents, problems };
};

const filesOf = (path: string, problems: Problem[]): string[] => {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter(isManifest).sort();
    if (names.length === 0) {
      problems.push(
        fileProblem(path, "the folder holds no .yaml, .yml or .json file", "name a folder with manifests"),
      );
    }
    return names.map((name) => join(path, name));
  } catch (error) {
    problems.push(unreadable(path, error));
    return [];
  }
};

const unreadable = (file: string, error: unknown): Problem => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT"
    ? fileProblem(file, "there is no such file or folder", "check the path after -f")
    : fileProblem(file, `cannot be read: ${message}`, "make it a readable file");
};

const fileProblem = (file: string, message: string, remedy: string): Problem => ({
  file,
  document: 0,
  line: 0,
  object: "",
  field: "",
  message,
  remedy,
});
