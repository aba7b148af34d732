import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bootId, isAlive, startOf } from "./proc.ts";
import { readRuns, RUN_VARIABLE, RunFile, runFolder } from "./run-file.ts";
import { sweep } from "./sweep.ts";

let folder: string;
const children: number[] = [];
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pilotlight-run-"))));
afterEach(() => {
  for (const pid of children.splice(0)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It is gone.
    }
  }
  rmSync(folder, { recursive: true });
});

const sleeper = async (env: Record<string, string> = {}): Promise<number> => {
  const child = spawn("sleep", ["1000"], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...env },
  });
  await once(child, "spawn");
  children.push(child.pid!);
  return child.pid!;
};
/** A process that has ended: nobody has its number with its start. */
const dead = { pid: 2 ** 22 - 1, start: 1 };
const runs = (pid: number): boolean => startOf(pid) !== undefined;

const write = (name: string, ...lines: object[]): string => {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
};
const head = (run: string, owner: object = dead, boot = bootId()) => ({ run, boot, owner });

test("a run tells what it has started and not seen the end of", () => {
  const run = new RunFile(folder, "a");
  run.add(process.pid);
  run.add(process.ppid);
  run.remove(process.ppid);
  run.admin("http://127.0.0.1:1");
  const me = { pid: process.pid, start: startOf(process.pid) };
  expect(readRuns(folder)).toEqual([
    {
      file: join(folder, "a.jsonl"),
      id: "a",
      boot: bootId(),
      owner: me,
      pods: [me],
      admin: "http://127.0.0.1:1",
    },
  ]);
  expect(sweep(folder)).toEqual([]);
  expect(readRuns(folder)).toHaveLength(1);
  run.close();
  expect(readRuns(folder)).toEqual([]);
});

test("the processes of a run whose owner is gone are ended, and the run is forgotten", async () => {
  const pid = await sleeper();
  const file = write("a", head("a"), { add: { pid, start: startOf(pid) } });
  // Cut short by the kill.
  appendFileSync(file, '{"add":{"pid":');
  expect(sweep(folder)).toEqual([pid]);
  await expect.poll(() => runs(pid)).toBe(false);
  expect(existsSync(file)).toBe(false);
});

test("a process that has the number of one that was recorded is left alone", async () => {
  const pid = await sleeper();
  write("a", head("a"), { add: { pid, start: startOf(pid)! - 1 } });
  expect(sweep(folder)).toEqual([]);
  expect(runs(pid)).toBe(true);
});

test("after a boot of the machine numbers mean nothing", async () => {
  const pid = await sleeper();
  const file = write("a", head("a", dead, "another boot"), { add: { pid, start: startOf(pid) } });
  expect(sweep(folder)).toEqual([]);
  expect([runs(pid), existsSync(file)]).toEqual([true, false]);
});

test("a process that left its group is known by its mark", async () => {
  const marked = await sleeper({ [RUN_VARIABLE]: "a" });
  const other = await sleeper({ [RUN_VARIABLE]: "b" });
  await expect.poll(() => isAlive({ pid: marked, start: startOf(marked)! })).toBe(true);
  write("a", head("a"));
  expect(sweep(folder)).toEqual([marked]);
  expect(runs(other)).toBe(true);
});

test("what is not a run's file is left as it is", () => {
  const file = write("x", { other: true });
  writeFileSync(join(folder, "y.jsonl"), "");
  expect(sweep(folder)).toEqual([]);
  expect(existsSync(file)).toBe(true);
});

test("a runtime folder that is not there is done without", () => {
  expect(runFolder({ XDG_RUNTIME_DIR: join(folder, "no") })).toBe(runFolder({}));
  expect(runFolder({})).toContain(tmpdir());
});

test("a folder of this user's own is made; one that others could write to is refused", () => {
  const made = runFolder({ XDG_RUNTIME_DIR: folder });
  expect(made).toBe(join(folder, `pilotlight-${process.getuid!()}`));
  rmSync(made, { recursive: true });
  writeFileSync(made, "");
  expect(() => runFolder({ XDG_RUNTIME_DIR: folder })).toThrow(/EEXIST/);
  rmSync(made);
  mkdirSync(made);
  chmodSync(made, 0o777);
  expect(() => runFolder({ XDG_RUNTIME_DIR: folder })).toThrow(/can be written by others/);
});
