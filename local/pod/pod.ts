/** One pod, a process that is started, watched, started again, and ended. */
import type { Millis } from "#core/clock.ts";
import type { PodSpec } from "../plan/plan.ts";
import { expand, expandEnv } from "./expand.ts";
import type { LineSink } from "./lines.ts";
import { startProcess, type Exit, type PodProcess, type ProcessDeps } from "./process.ts";
import { watchReadiness } from "./readiness.ts";
import { restartAfter } from "./restart.ts";

/** Where a pod stands. `stopping` and `gone` are final. */
export type PodPhase = "starting" | "ready" | "backoff" | "stopping" | "gone";

/** What happened to a pod. */
export type PodChange =
  | { readonly kind: "started"; readonly pid: number | undefined }
  /** `ms` since its process was started. */
  | { readonly kind: "ready"; readonly ms: Millis }
  /** It was ready and fails its readinessProbe, or it runs for a while and never was ready. */
  | { readonly kind: "unready"; readonly detail: string }
  /** Its process ended. `restartMs` = until it is started again; undefined when it is not. */
  | { readonly kind: "exited"; readonly exit: Exit; readonly restartMs: Millis | undefined }
  | { readonly kind: "stopping" }
  | { readonly kind: "gone" };

export interface PodDeps extends ProcessDeps {
  /** Told about each process that runs, so that none can outlive us. */
  readonly run: { add(pid: number): void; remove(pid: number): void };
  line(pod: Pod, text: string, stream: "stdout" | "stderr"): ReturnType<LineSink>;
  changed(pod: Pod, change: PodChange): void;
}

const HOST = "127.0.0.1";

/** One pod, a process, started again when it ends, with a port of its own for each port of its spec. */
export class Pod {
  readonly name: string;
  readonly spec: PodSpec;
  /** `ports[i]` is the real port for `spec.ports[i]`. */
  readonly ports: readonly number[];
  readonly #deps: PodDeps;
  #phase: PodPhase = "starting";
  #process: PodProcess | undefined;
  #startedAt: Millis = 0;
  #wasReady = false;
  #crashes = 0;
  #lastExit: Exit | undefined;
  #restart: Disposable | undefined;
  #probing = new AbortController();
  readonly #gone = Promise.withResolvers<void>();

  constructor(of: { name: string; spec: PodSpec; ports: readonly number[] }, deps: PodDeps) {
    this.name = of.name;
    this.spec = of.spec;
    this.ports = of.ports;
    this.#deps = deps;
  }

  get phase(): PodPhase {
    return this.#phase;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get host(): string {
    return HOST;
  }

  /** How its process ended last; undefined when it never did. */
  get lastExit(): Exit | undefined {
    return this.#lastExit;
  }

  /** Starts the process in this very tick. */
  start(): void {
    const { run } = this.#deps;
    this.#phase = "starting";
    this.#wasReady = false;
    this.#startedAt = this.#deps.clock.now();
    const process = startProcess(
      this.#processSpec(),
      {
        line: (text, stream) => this.#deps.line(this, text, stream),
        exit: (exit) => this.#exited(process.pid, exit),
      },
      this.#deps,
    );
    this.#process = process;
    if (process.pid !== undefined) run.add(process.pid);
    this.#tell({ kind: "started", pid: process.pid });
    if (process.pid !== undefined) this.#watchReadiness();
  }

  /** Takes it out of service now, and ends it as soon as `idle` has resolved. Resolves when it is gone. */
  stop(idle: Promise<void>): Promise<void> {
    if (this.#phase === "stopping" || this.#phase === "gone") return this.#gone.promise;
    const runs = this.#phase !== "backoff" && this.#process !== undefined;
    this.#phase = "stopping";
    this.#probing.abort();
    this.#restart?.[Symbol.dispose]();
    this.#tell({ kind: "stopping" });
    if (!runs) this.#end();
    else void idle.then(() => this.#terminate());
    return this.#gone.promise;
  }

  /** Ends it at once. */
  kill(): void {
    void this.stop(Promise.resolve());
    this.#process?.signal("SIGKILL");
  }

  #terminate(): void {
    if (this.#phase === "gone") return;
    this.#process?.signal("SIGTERM");
    const late = this.#deps.clock.after(this.spec.graceMs, () => this.#process?.signal("SIGKILL"));
    void this.#gone.promise.then(() => late[Symbol.dispose]());
  }

  #exited(pid: number | undefined, exit: Exit): void {
    const { clock, run } = this.#deps;
    if (pid !== undefined) run.remove(pid);
    this.#probing.abort();
    this.#process = undefined;
    this.#lastExit = exit;
    if (this.#phase === "stopping") {
      this.#tell({ kind: "exited", exit, restartMs: undefined });
      return this.#end();
    }
    const ranMs = clock.now() - this.#startedAt;
    const { delayMs, crashes } = restartAfter(this.#crashes, { exit, ranMs, wasReady: this.#wasReady });
    this.#crashes = crashes;
    this.#phase = delayMs === 0 ? "starting" : "backoff";
    if (delayMs > 0) this.#restart = clock.after(delayMs, () => this.start());
    this.#tell({ kind: "exited", exit, restartMs: delayMs });
    if (delayMs === 0 && this.#phase === "starting") this.start();
  }

  #end(): void {
    this.#phase = "gone";
    this.#tell({ kind: "gone" });
    this.#gone.resolve();
  }

  #watchReadiness(): void {
    this.#probing = new AbortController();
    watchReadiness(this.spec, {
      clock: this.#deps.clock,
      dest: { key: this.name, host: HOST, ports: this.ports },
      signal: this.#probing.signal,
      ready: () => {
        this.#phase = "ready";
        this.#wasReady = true;
        this.#tell({ kind: "ready", ms: this.#deps.clock.now() - this.#startedAt });
      },
      unready: (detail) => {
        this.#phase = "starting";
        this.#tell({ kind: "unready", detail });
      },
    });
  }

  #processSpec() {
    const { command, env, cwd, ports } = this.spec;
    const given: Record<string, string> = { HOSTNAME: this.name };
    for (const [i, { variables }] of ports.entries()) {
      for (const name of variables) given[name] = String(this.ports[i]);
    }
    const variables = expandEnv(env, given);
    const [file, ...args] = command.map((word) => expand(word, variables));
    return { command: [file!, ...args] as const, variables, cwd };
  }

  #tell(change: PodChange): void {
    this.#deps.changed(this, change);
  }
}
