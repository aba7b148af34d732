import { rmSync } from "node:fs";
import { bootId, isAlive, pidsWithVariable } from "./proc.ts";
import { readRuns, RUN_VARIABLE, type RunRecord } from "./run-file.ts";

/**
 * Ends what runs that were killed have left behind, and forgets them. A run whose process is alive is left
 * alone; a process is ended only when it is the very one that was recorded, or has the run's mark. Returns the
 * numbers of the processes that were ended.
 */
export const sweep = (folder: string): number[] => {
  const boot = bootId();
  return readRuns(folder)
    .filter(({ owner, boot: then }) => then !== boot || !isAlive(owner))
    .flatMap((run) => {
      const ended = run.boot === boot ? endAll(run) : [];
      rmSync(run.file, { force: true });
      return ended;
    });
};

const endAll = ({ id, pods }: RunRecord): number[] => {
  const groups = pods.filter(isAlive).map(({ pid }) => pid);
  for (const pid of groups) kill(-pid);
  return [...new Set([...groups, ...endMarked(id)])];
};

/** Ends every process that carries the mark of a run, whatever group it is in. */
export const endMarked = (run: string): number[] => {
  const marked = pidsWithVariable(RUN_VARIABLE, run).filter((pid) => pid !== process.pid);
  for (const pid of marked) kill(pid);
  return marked;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
