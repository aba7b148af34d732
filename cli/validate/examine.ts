/** Reads manifests and gives each finding of the webhook's checks its file and line. */
import { storesOfManifests } from "#core/kube/manifest-store.ts";
import { WorkloadGuard } from "#core/kube/workload-guard.ts";
import { fieldText, type Problem } from "#core/manifest/problem.ts";
import { readManifests } from "../../local/plan/files.ts";
import { checkObjects, type Finding } from "../../webhook/build.ts";

/** A finding with its place in a file. */
export interface PlacedFinding {
  readonly severity: Finding["severity"];
  readonly rule: Finding["rule"] | "file";
  readonly file: string;
  /** Counted from 1; 0 when the file as a whole is meant. */
  readonly line: number;
  /** `Service default/hello`; empty when the file as a whole is meant. */
  readonly object: string;
  /** `spec.selector`; empty when the object as a whole is meant. */
  readonly field: string;
  readonly message: string;
}

export interface Examined {
  /** In the order of files and lines. */
  readonly findings: readonly PlacedFinding[];
  /** Manifests read. */
  readonly objects: number;
  /** Whether a file that was named could not be read: the arguments are wrong, not the manifests. */
  readonly unreadable: boolean;
}

/** Reads files and folders and checks what is in them as the webhook would. */
export const examine = (named: readonly string[], strictKnative: boolean): Examined => {
  const { documents, problems } = readManifests(named);
  const objects = documents.map(({ value }) => value);
  const workloads = new WorkloadGuard(storesOfManifests(objects));
  const checked = checkObjects(objects, { strictKnative, workloads });
  const findings = documents.flatMap((document, i) =>
    checked[i]!.map(({ path, ...finding }) => ({
      ...finding,
      file: document.file,
      line: document.line(path),
      field: fieldText(path),
    })),
  );
  return {
    findings: [...problems.map(ofFile), ...findings].toSorted(inOrder),
    objects: documents.length,
    unreadable: problems.some(({ line }) => line === 0),
  };
};

const ofFile = ({ file, line, object, field, message, remedy }: Problem): PlacedFinding => ({
  severity: "error",
  rule: "file",
  file,
  line,
  object,
  field,
  message: `${message}; ${remedy}`,
});

const inOrder = (a: PlacedFinding, b: PlacedFinding): number =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
