/** What the kernel says of processes. */
import { readdirSync, readFileSync } from "node:fs";

/** A process as nothing else can be: its number alone is used again one day. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the process's start. */
  readonly start: number;
}

/** When a process was started (proc(5), field 22 of stat); undefined when it does not run. */
export const startOf = (pid: number): number | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in field 2 may hold anything, also spaces and brackets.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
};

export const isAlive = ({ pid, start }: ProcessIdentity): boolean => startOf(pid) === start;

/** Changes with each boot of the machine; empty where it is not known. */
export const bootId = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
};

/** Every process of this user that was started with `NAME=value` in its environment. */
export const pidsWithVariable = (name: string, value: string): number[] => {
  const wanted = `${name}=${value}`;
  return pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(wanted);
    } catch {
      return false;
    }
  });
};

const pids = (): number[] => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
};
