import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { startOf } from "../run/proc.ts";
import { Launchers } from "./launchers.ts";
import { startProcess, type Exit, type PodProcess, type ProcessSpec } from "./process.ts";

const env = { PATH: process.env["PATH"], INHERITED: "yes", OVERRIDDEN: "no" };
const folder = realpathSync(mkdtempSync(join(tmpdir(), "pilotlight process's ")));
afterAll(() => rmSync(folder, { recursive: true }));

const show = `process.stdout.write(JSON.stringify({ args: process.argv.slice(1), env: process.env, cwd: process.cwd() }) + "\\n")`;
const node = process.execPath;

describe.each([
  { name: "of a waiting shell", size: 2 },
  { name: "by a copy of ours", size: 0 },
])("a process is made $name", ({ size }) => {
  let launchers: Launchers;
  beforeEach(() => {
    launchers = new Launchers(systemClock, env, size);
    launchers.fill();
  });
  afterEach(() => launchers.close());

  const run = (spec: Partial<ProcessSpec> & Pick<ProcessSpec, "command">) => {
    const lines: string[] = [];
    const ended = Promise.withResolvers<Exit>();
    const process: PodProcess = startProcess(
      { variables: {}, cwd: folder, ...spec },
      { line: (text, stream) => void lines.push(`${stream} ${text}`), exit: ended.resolve },
      { clock: systemClock, env, launchers },
    );
    return { lines, process, ended: ended.promise };
  };

  const text = fc.string({
    unit: fc.constantFrom("a", "'", '"', "\\", "$", "`", "\n", " ", "(", "*", "é", "!", "-"),
  });

  test("arguments, variables and folder arrive as they are written", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 4 }), text, async (args, value) => {
        if (size > 0) launchers.fill();
        const variables = { A: value, OVERRIDDEN: "yes" };
        const { lines, ended } = run({ command: [node, "-e", show, "--", ...args], variables });
        expect(await ended).toMatchObject({ code: 0, signal: undefined, error: undefined });
        const seen = JSON.parse(lines[0]!.slice("stdout ".length)) as {
          args: string[];
          env: object;
          cwd: string;
        };
        expect(seen.args).toEqual(args);
        expect(seen.env).toMatchObject({ INHERITED: "yes", OVERRIDDEN: "yes", A: value });
        expect(seen.env).not.toHaveProperty("OLDPWD");
        expect(seen.cwd).toBe(folder);
      }),
      { numRuns: 8 },
    );
  });

  test("how it ended is told with what it wrote last, once its output is read", async () => {
    const program = `console.log("out"); console.error("err\\n"); process.exitCode = 3`;
    const { lines, ended } = run({ command: [node, "-e", program] });
    expect(await ended).toEqual({ code: 3, signal: undefined, error: undefined, lastLine: "err" });
    expect(lines.toSorted()).toEqual(["stderr ", "stderr err", "stdout out"]);
  });

  test("a signal reaches the whole group", async () => {
    const { process: started, ended, lines } = run({ command: ["sh", "-c", "sleep 1000 & echo $!; wait"] });
    await expect.poll(() => lines.length).toBe(1);
    started.signal("SIGTERM");
    expect(await ended).toMatchObject({ signal: "SIGTERM", code: undefined });
    const child = Number(lines[0]!.split(" ")[1]);
    await expect.poll(() => isRunning(child)).toBe(false);
    // Once it is gone a signal goes nowhere.
    started.signal("SIGTERM");
  });

  test("when it ends by itself the rest of its group goes with it", async () => {
    const { ended, lines } = run({ command: ["sh", "-c", "sleep 1000 & echo $!"] });
    expect(await ended).toMatchObject({ code: 0 });
    await expect.poll(() => isRunning(Number(lines[0]!.split(" ")[1]))).toBe(false);
  });

  test("it reads nothing", async () => {
    const { ended, lines } = run({ command: ["cat"] });
    expect([(await ended).code, lines]).toEqual([0, []]);
  });

  test("a program that is not there ends at once", async () => {
    const { code, error } = await run({ command: ["/no/such/program"] }).ended;
    expect([code, error]).toEqual(size > 0 ? [127, undefined] : [undefined, "ENOENT"]);
  });

  test("what no system takes ends at once, and later than its start", async () => {
    const { code, error } = await run({ command: [node, "nul\0"] }).ended;
    expect([code, error]).toEqual([undefined, "ERR_INVALID_ARG_VALUE"]);
    const huge = await run({ command: [node, "-e", "1", "x".repeat(5_000_000)] }).ended;
    expect(huge.code === undefined ? huge.error : huge.code).toBe(size > 0 ? 126 : "E2BIG");
  });

  test("a folder that has gone: it does not run somewhere else", async () => {
    const { code, error } = await run({ command: ["pwd"], cwd: "/no/such/folder" }).ended;
    expect([code, error]).toEqual(size > 0 ? [126, undefined] : [undefined, "ENOENT"]);
  });

  test("a variable that a shell does not know is set all the same", async () => {
    const { lines, ended } = run({ command: [node, "-e", show], variables: { "my.var": "x" } });
    await ended;
    expect(lines[0]).toContain('"my.var":"x"');
  });
});

test("shells that wait end with their owner, and one that died is not given out", async () => {
  const launchers = new Launchers(systemClock, env, 2);
  launchers.fill();
  const first = launchers.take()!;
  first.kill("SIGKILL");
  const second = launchers.take()!;
  process.kill(second.pid!, 0);
  expect(launchers.take()).toBeUndefined();
  second.stdin.end();
  await expect.poll(() => isRunning(second.pid!)).toBe(false);
  launchers.fill();
  launchers.close();
  expect(launchers.take()).toBeUndefined();
});

/** A process that has ended counts as gone, also while nobody has asked how. */
const isRunning = (pid: number): boolean => startOf(pid) !== undefined;
