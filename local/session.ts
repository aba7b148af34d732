/** `pilotlight local` from manifests to the last process gone. */
import { randomUUID } from "node:crypto";
import { systemClock, type Millis } from "#core/clock.ts";
import { EXIT_BAD_INPUT } from "#core/env.ts";
import { createLogger } from "#core/log.ts";
import type { Problem } from "#core/manifest/problem.ts";
import { createRegistry } from "#core/metrics.ts";
import { Cluster } from "./compose.ts";
import type { LocalEvent } from "./events.ts";
import { listening } from "./listening.ts";
import { followManifests, readLayout, type Layout } from "./manifests.ts";
import { createReporter, type OutputKind } from "./report/create.ts";
import type { Outputs, Reporter } from "./report/reporter.ts";
import { serviceRows } from "./report/rows.ts";
import { RUN_VARIABLE, RunFile, runFolder } from "./run/run-file.ts";
import { endMarked, sweep } from "./run/sweep.ts";
import { stopSignals, type StopRequest } from "./stop-signals.ts";

export interface SessionOptions {
  /** Files and folders with manifests. */
  readonly named: readonly string[];
  readonly output: OutputKind;
  readonly logLevel: string;
  /** 0 = a free one. */
  readonly adminPort: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly outputs: Outputs;
}

/** Requests that still run after this are cut off when we are to stop. */
const DRAIN_MS: Millis = 10_000;
const clock = systemClock;

/** `pilotlight local`: from manifests to the last process gone. Resolves with the exit code. */
export const runSession = async (options: SessionOptions): Promise<number> => {
  const stop = stopSignals();
  let cluster: Cluster | undefined;
  const reporter = createReporter(options, clock, () => cluster && serviceRows(cluster));
  const tell = (event: LocalEvent): void => reporter.event(event, clock.now());
  const draft = await readLayout(options);
  if (!draft.ok) return refuse(draft.problems, options, tell);
  const folder = runFolder(options.env);
  const ended = sweep(folder);
  if (ended.length > 0) tell({ event: "leftovers", pids: ended });
  const run = new RunFile(folder, randomUUID());
  const built = buildCluster(options, run, reporter);
  // Whatever happens to this process, short of SIGKILL, no pod is left.
  process.once("exit", () => killAll(built, run));
  for (const passed of draft.value.plan.passedOver) tell({ event: "passed-over", ...passed });
  built.apply(draft.value.plan, draft.value.routes);
  try {
    await built.start();
  } catch (error) {
    return cannotListen(error as NodeJS.ErrnoException, options);
  }
  cluster = built;
  run.admin(built.adminUrl);
  await untilStopped(built, { options, first: draft.value, tell, stop });
  tell({ event: "stopped" });
  reporter.stop();
  return 0;
};

const refuse = (
  problems: readonly Problem[],
  { outputs }: SessionOptions,
  tell: (event: LocalEvent) => void,
): number => {
  for (const problem of problems) tell({ event: "problem", fatal: true, ...problem });
  outputs.stderr.write(
    `pilotlight: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}, nothing was started\n`,
  );
  return EXIT_BAD_INPUT;
};

/** A port that was free when it was looked at, or the admin port. Any other failure is one of ours. */
const cannotListen = (error: NodeJS.ErrnoException, { outputs }: SessionOptions): number => {
  if (error.syscall !== "listen") throw error;
  outputs.stderr.write(
    `pilotlight: cannot listen: ${error.message}\n    → end the process that has the port, or name another: pilotlight.dev/local-port, --admin-port\n`,
  );
  return EXIT_BAD_INPUT;
};

const buildCluster = (options: SessionOptions, run: RunFile, reporter: Reporter): Cluster =>
  new Cluster({
    clock,
    log: createLogger({ level: options.logLevel, component: "local", fd: 2 }),
    registry: createRegistry({ processMetrics: true }),
    adminPort: options.adminPort,
    env: { ...options.env, [RUN_VARIABLE]: run.id },
    run,
    line: (pod, text, stream) => reporter.line(pod.name, text, stream),
    tell: (event) => reporter.event(event, clock.now()),
  });

const killAll = (cluster: Cluster, run: RunFile): void => {
  cluster.world.kill();
  endMarked(run.id);
  run.close();
};

interface Running {
  readonly options: SessionOptions;
  readonly first: Layout;
  readonly tell: (event: LocalEvent) => void;
  readonly stop: StopRequest;
}

const untilStopped = async (cluster: Cluster, { options, first, tell, stop }: Running): Promise<void> => {
  const admin = cluster.adminUrl;
  tell({ event: "ready", services: listening(first.plan, first.routes), admin });
  {
    using _ = followManifests(first, {
      ...options,
      clock,
      tell,
      admin,
      apply: ({ plan, routes }) => cluster.apply(plan, routes),
    });
    tell({ event: "stopping", signal: await stop.first });
  }
  const limit = new AbortController();
  using _ = clock.after(DRAIN_MS, () => limit.abort(new Error("running requests took too long")));
  await cluster.stop({ drained: AbortSignal.any([limit.signal, stop.again]), killed: stop.again });
};
