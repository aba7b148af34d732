import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import type { LocalEvent } from "../events.ts";
import { createReporter, type OutputKind } from "./create.ts";
import { lineReporter } from "./lines.ts";
import type { Output } from "./reporter.ts";
import { tableLines, type ServiceRow } from "./table.ts";
import { eventText } from "./text.ts";

class Screen implements Output {
  text = "";
  full = false;
  columns = 200;
  rows = 50;
  #drained: (() => void) | undefined;

  write(text: string): boolean {
    this.text += text;
    return !this.full;
  }

  once(_: "drain", listener: () => void): void {
    this.#drained = listener;
  }

  drain(): void {
    this.full = false;
    this.#drained?.();
  }
}

const row = (more: Partial<ServiceRow> = {}): ServiceRow => ({
  service: "hello",
  url: "http://127.0.0.1:8080",
  state: "zero",
  ready: 0,
  wanted: 0,
  inFlight: 0,
  queued: 0,
  coldStarts: 0,
  lastColdStartMs: undefined,
  ...more,
});

const of = { pod: "hello-x", workload: "default/hello" };
const exit = { code: undefined, signal: undefined, error: undefined, lastLine: "" };
const problem = {
  file: "a.yaml",
  document: 1,
  line: 2,
  object: "Service default/a",
  field: "spec",
  message: "is wrong",
  remedy: "mend it",
};

test.each<[LocalEvent, string | undefined]>([
  [{ event: "leftovers", pids: [1, 2] }, "ended what an earlier run had left: process 1, process 2"],
  [
    {
      event: "passed-over",
      file: "a.yaml",
      document: 1,
      object: "Ingress default/a",
      why: "does not run here",
    },
    "Ingress default/a passed over: does not run here (a.yaml)",
  ],
  [
    { event: "problem", fatal: true, ...problem },
    "a.yaml:2 (document 1): Service default/a spec: is wrong\n    → mend it",
  ],
  [
    { event: "problem", fatal: false, ...problem, line: 0 },
    "not applied, what was in force stays: a.yaml: Service default/a spec: is wrong\n    → mend it",
  ],
  [
    {
      event: "ready",
      admin: "http://127.0.0.1:9",
      services: [
        {
          name: "a",
          namespace: "default",
          url: "u1",
          ports: [{ name: "", port: 80, url: "u1" }],
          scaled: true,
        },
        {
          name: "b",
          namespace: "shop",
          url: "u2",
          ports: [
            { name: "http", port: 80, url: "u2" },
            { name: "admin", port: 81, url: "u3" },
          ],
          scaled: false,
        },
      ],
    },
    `ready
  default/a  u1
  shop/b  u2  (http; not scaled: no annotation)
  shop/b  u3  (admin; not scaled: no annotation)
  admin: http://127.0.0.1:9/metrics`,
  ],
  [{ event: "applied", files: ["a"] }, "changed manifests are in force"],
  [{ event: "not-watched", error: "ENOSPC" }, "changes of manifests are not seen: ENOSPC"],
  [
    { event: "scaled", service: "default/a", from: 1, to: 3, cause: "panic", reason: "many" },
    "default/a 1 → 3 pods: many",
  ],
  [
    { event: "scale-failed", service: "default/a", wanted: 2, error: "no" },
    "default/a cannot have 2 pods: no",
  ],
  [{ event: "cold-start", service: "default/a", ms: 81.6 }, "default/a woke in 82 ms"],
  [{ event: "pod-started", ...of, pid: 7, ports: [1] }, "pod hello-x started, process 7"],
  [{ event: "pod-ready", ...of, ms: 12_345 }, "pod hello-x ready after 12 s"],
  [
    { event: "pod-unready", ...of, detail: "GET / answered 404" },
    "pod hello-x is not ready: GET / answered 404",
  ],
  [
    { event: "pod-exited", ...of, ...exit, code: 3, lastLine: "oh", restartMs: 0 },
    'pod hello-x exit code 3; last output: "oh"; starting it again',
  ],
  [
    { event: "pod-exited", ...of, ...exit, signal: "SIGSEGV", restartMs: 2000 },
    "pod hello-x ended by SIGSEGV; CrashLoopBackOff, again in 2000 ms",
  ],
  [{ event: "pod-exited", ...of, ...exit, code: 0, restartMs: undefined }, undefined],
  [{ event: "pod-stopping", ...of }, undefined],
  [{ event: "pod-gone", ...of }, "pod hello-x gone"],
  [{ event: "stopped" }, "stopped"],
])("%j in words", (event, text) => {
  expect(eventText(event)).toBe(text);
});

test("a table has straight columns and no line longer than the terminal is wide", () => {
  const rows = [
    row(),
    row({
      service: "shop/checkout",
      state: "active, panic",
      ready: 2,
      wanted: 10,
      coldStarts: 3,
      lastColdStartMs: 81.4,
    }),
  ];
  expect(tableLines(rows, 200)).toEqual([
    "SERVICE        URL                    STATE          PODS  IN FLIGHT  QUEUED  COLD STARTS  LAST",
    "hello          http://127.0.0.1:8080  zero           0/0   0          0       0            –",
    "shop/checkout  http://127.0.0.1:8080  active, panic  2/10  0          0       3            81 ms",
  ]);
  expect(tableLines(rows, 20)[0]).toBe("SERVICE        URL  ");
});

const reporterOf = (output: OutputKind, rows: () => readonly ServiceRow[] | undefined = () => undefined) => {
  const [clock, stdout, stderr] = [new FakeClock(), new Screen(), new Screen()];
  return {
    clock,
    stdout,
    stderr,
    reporter: createReporter({ output, outputs: { stdout, stderr } }, clock, rows),
  };
};

test("for programs: one object a line, and the output of pods apart from it", () => {
  const { stdout, stderr, reporter } = reporterOf("json");
  reporter.event({ event: "pod-exited", ...of, ...exit, code: 1, restartMs: 0 }, 5);
  void reporter.line("hello-x", "hi", "stdout");
  expect(stdout.text).toBe(
    '{"event":"pod-exited","at":5,"pod":"hello-x","workload":"default/hello","code":1,"lastLine":"","restartMs":0}\n',
  );
  expect(stderr.text).toBe("hello-x | hi\n");
});

test("for a log: a line an event, with the time of day, and the output of pods between them", () => {
  const { stdout, reporter } = reporterOf("lines");
  reporter.event({ event: "stopped" }, 1_000_000_000_000);
  reporter.event({ event: "pod-stopping", ...of }, 1_000_000_000_000);
  void reporter.line("hello-x", "hi", "stderr");
  expect(stdout.text).toMatch(/^\d\d:\d\d:\d\d stopped\nhello-x \| hi\n$/);
});

test("a stream that is full lets the pod wait", async () => {
  const screen = new Screen();
  const reporter = lineReporter(screen);
  expect(reporter.line("a", "1", "stdout")).toBeUndefined();
  screen.full = true;
  const waiting = reporter.line("a", "2", "stdout");
  expect(waiting).toBeInstanceOf(Promise);
  screen.drain();
  await waiting;
});

test("on a terminal the table is drawn again below what is told, and only when it has changed", async () => {
  let rows: readonly ServiceRow[] | undefined;
  const { clock, stdout, reporter } = reporterOf("terminal", () => rows);
  const shown = (): string => {
    const { text } = stdout;
    stdout.text = "";
    return text.replaceAll("\u001B", "^");
  };
  await clock.advance(1000);
  expect(shown()).toBe("");
  rows = [row()];
  await clock.advance(1000);
  const [head, line] = tableLines(rows, 200);
  expect(shown()).toBe(`\n^[1m${head}^[22m\n${line}\n`);
  await clock.advance(1000);
  expect(shown()).toBe("");
  void reporter.line("hello-x", "hi", "stdout");
  expect(shown()).toBe(`^[3A\r^[0Jhello-x | hi\n\n^[1m${head}^[22m\n${line}\n`);
  reporter.stop();
  rows = [row({ queued: 1 })];
  await clock.advance(1000);
  expect(shown()).toBe("");
  expect(clock.pending).toBe(0);
});

test("more Services than the terminal has lines: those that do not fit are counted", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => row({ service: `s${i}` }));
  const { clock, stdout } = reporterOf("terminal", () => rows);
  stdout.rows = 10;
  await clock.advance(1000);
  const lines = stdout.text.trimEnd().split("\n");
  expect(lines).toHaveLength(9);
  expect(lines.at(-1)).toBe("… and 54 more");
});
