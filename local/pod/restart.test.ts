import { expect, test } from "vitest";
import type { Exit } from "./process.ts";
import { exitText, restartAfter } from "./restart.ts";

const exit = (part: Partial<Exit>): Exit => ({
  code: undefined,
  signal: undefined,
  error: undefined,
  lastLine: "",
  ...part,
});

test("the first crash is followed at once, the next ones by twice the wait, up to a minute", () => {
  const delays: number[] = [];
  for (let crashes = 0, i = 0; i < 10; i++) {
    const next = restartAfter(crashes, { exit: exit({ code: 1 }), ranMs: 5000, wasReady: true });
    crashes = next.crashes;
    delays.push(next.delayMs / 1000);
  }
  expect(delays).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test.each([
  {
    name: "ready and killed from outside",
    signal: "SIGKILL",
    wasReady: true,
    ranMs: 10,
    delay: 0,
    crashes: 4,
  },
  {
    name: "killed before it was ready",
    signal: "SIGKILL",
    wasReady: false,
    ranMs: 10,
    delay: 8000,
    crashes: 5,
  },
  { name: "a fault of its own", signal: "SIGSEGV", wasReady: true, ranMs: 10, delay: 8000, crashes: 5 },
  {
    name: "a crash after a long run",
    signal: "SIGSEGV",
    wasReady: true,
    ranMs: 120_000,
    delay: 0,
    crashes: 1,
  },
] as const)("$name", ({ signal, wasReady, ranMs, delay, crashes }) => {
  expect(restartAfter(4, { exit: exit({ signal }), ranMs, wasReady })).toEqual({ delayMs: delay, crashes });
});

test.each([
  [{ code: 3, lastLine: 'no "x"' }, 'exit code 3; last output: "no \\"x\\""'],
  [{ code: 0 }, "exit code 0"],
  [{ signal: "SIGSEGV" }, "ended by SIGSEGV"],
  [{ error: "ENOENT" }, "could not be started (ENOENT)"],
] as const)("%j reads %s", (part, text) => {
  expect(exitText(exit(part))).toBe(text);
});
