import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { STATE_ROOT } from "../options.ts";

/** A process, told apart from a later one that got the same id. */
export interface ProcessId {
  readonly pid: number;
  /** In clock ticks since boot, as in /proc/PID/stat. */
  readonly startTime: string;
}

/** What is remembered of a running cluster. */
export interface ClusterRecord {
  /** The parent of the first process inside; it lives as long as the namespaces, and its end is their end. */
  readonly holder: ProcessId;
  /** The test run that the cluster was made for: when it is gone, so may be the cluster. */
  readonly owner: ProcessId | undefined;
  /** The PID namespace in which those ids mean something: from another, nobody can tell who lives. */
  readonly pidNamespace: string;
}

/** The folders and files of one cluster; all of it can be deleted when the cluster is down. */
export interface StateDir {
  readonly name: string;
  readonly root: string;
  readonly kubeconfig: string;
  readonly containerdSocket: string;
  /** A path below the root; its folder is made. */
  readonly at: (...path: string[]) => string;
}

export const stateDir = (name: string): StateDir => {
  const root = join(STATE_ROOT, name);
  const at = (...path: string[]): string => {
    const full = join(root, ...path);
    mkdirSync(join(full, ".."), { recursive: true });
    return full;
  };
  return {
    name,
    root,
    kubeconfig: join(root, "kubeconfig"),
    containerdSocket: join(root, "containerd.sock"),
    at,
  };
};

/** The names of all clusters of this machine that left a folder, running or not. */
export const knownClusters = (): string[] => (existsSync(STATE_ROOT) ? readdirSync(STATE_ROOT) : []);

export const writeRecord = (state: StateDir, record: Omit<ClusterRecord, "pidNamespace">): void =>
  writeFileSync(state.at("record.json"), JSON.stringify({ ...record, pidNamespace: pidNamespace() }));

const pidNamespace = (): string => readlinkSync("/proc/self/ns/pid");

/** Whether its holder or its owner is certainly gone. */
export const isForsaken = (record: ClusterRecord): boolean => {
  if (record.pidNamespace !== pidNamespace()) return false;
  return !isAlive(record.holder) || (record.owner !== undefined && !isAlive(record.owner));
};

/** `undefined` when there is none, or a half-written one. */
export const readRecord = (state: StateDir): ClusterRecord | undefined => {
  try {
    return JSON.parse(readFileSync(join(state.root, "record.json"), "utf8")) as ClusterRecord;
  } catch {
    return undefined;
  }
};

/** The process that has this id now; `undefined` when none has, or only its remains. */
export const identify = (pid: number): ProcessId | undefined => {
  try {
    // The name in the second field may itself contain spaces and brackets: read from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? undefined : { pid, startTime: fields[19]! };
  } catch {
    return undefined;
  }
};

export const isAlive = (process: ProcessId): boolean =>
  identify(process.pid)?.startTime === process.startTime;
