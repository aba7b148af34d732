/** What one `pilotlight local` keeps on disk about its processes, for the case that it is killed. */
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFolder } from "../plan/executable.ts";
import { bootId, startOf, type ProcessIdentity } from "./proc.ts";

/** What one `pilotlight local` has left on disk about itself. */
export interface RunRecord {
  readonly file: string;
  /** Its name; every process that it started has it in its environment. */
  readonly id: string;
  readonly boot: string;
  readonly owner: ProcessIdentity;
  /** Leaders of the process groups that it has not seen the end of. */
  readonly pods: readonly ProcessIdentity[];
  /** Where it can be asked about its Services. */
  readonly admin: string | undefined;
}

/** The variable by which a process can be known to belong to a run. */
export const RUN_VARIABLE = "PILOTLIGHT_RUN";

type Entry =
  | { readonly run: string; readonly boot: string; readonly owner: ProcessIdentity }
  | { readonly add: ProcessIdentity }
  | { readonly remove: number }
  | { readonly admin: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder of this user's run files: where the system keeps such things, or else among temporary files.
 * Throws when neither can be ours alone.
 */
export const runFolder = (env: Environment): string => {
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && isFolder(runtime)) return ownFolder(runtime);
  return ownFolder(tmpdir());
};

const ownFolder = (parent: string): string => {
  const uid = process.getuid?.() ?? 0;
  const folder = join(parent, `pilotlight-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  if (owner !== uid) throw new Error(`${folder} belongs to somebody else`);
  if ((mode & 0o022) !== 0) throw new Error(`${folder} can be written by others`);
  return folder;
};

/** The file of one run: a line for each process that was started or has ended, so that a write is all it takes. */
export class RunFile {
  readonly id: string;
  readonly #path: string;
  readonly #fd: number;

  constructor(folder: string, id: string) {
    this.id = id;
    this.#path = join(folder, `${id}.jsonl`);
    this.#fd = openSync(this.#path, "ax", 0o600);
    const owner = { pid: process.pid, start: startOf(process.pid) ?? 0 };
    this.#write({ run: id, boot: bootId(), owner });
  }

  add(pid: number): void {
    this.#write({ add: { pid, start: startOf(pid) ?? 0 } });
  }

  remove(pid: number): void {
    this.#write({ remove: pid });
  }

  admin(url: string): void {
    this.#write({ admin: url });
  }

  /** To be called when no process is left. */
  close(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }

  #write(entry: Entry): void {
    writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
  }
}

/** The records of all runs that have not ended in good order, those that still run included. */
export const readRuns = (folder: string): RunRecord[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => readRun(join(folder, name)))
    .filter((record) => record !== undefined);

const readRun = (file: string): RunRecord | undefined => {
  const [head, ...rest] = entries(file);
  if (head === undefined || !("run" in head)) return undefined;
  const pods = new Map<number, ProcessIdentity>();
  let admin: string | undefined;
  for (const entry of rest) {
    if ("add" in entry) pods.set(entry.add.pid, entry.add);
    else if ("remove" in entry) pods.delete(entry.remove);
    else if ("admin" in entry) admin = entry.admin;
  }
  return { file, id: head.run, boot: head.boot, owner: head.owner, pods: [...pods.values()], admin };
};

/** The last line may be cut where the process was killed while it wrote. */
const entries = (file: string): Entry[] => {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Entry);
  } catch {
    return [];
  }
};
