import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** One line of `pilotlight local --json`. */
export interface PilotlightEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

interface StartOptions {
  /** Options of its own for Node. */
  readonly nodeArgs?: readonly string[];
  /** Told of each line that it and its pods write to stderr. */
  readonly onStderr?: (line: string) => void;
}

/** A running `pilotlight local --json` on manifests of its own. */
export class Pilotlight implements AsyncDisposable {
  readonly events: PilotlightEvent[] = [];
  readonly #child: ChildProcess;
  readonly #folder: string;
  #stderr = "";

  /**
   * Starts it on `manifests` (objects, written as one file), with `env` added to ours, and resolves when every
   * Service listens.
   */
  static async start(
    manifests: readonly object[],
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    options: StartOptions = {},
  ): Promise<Pilotlight> {
    const pilotlight = new Pilotlight(manifests, { args, env, ...options });
    await pilotlight.until((event) => event.event === "ready");
    return pilotlight;
  }

  private constructor(
    manifests: readonly object[],
    {
      args,
      env,
      nodeArgs = [],
      onStderr,
    }: StartOptions & {
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    },
  ) {
    this.#folder = mkdtempSync(join(tmpdir(), "pilotlight-test-"));
    this.save(manifests);
    const argv = [...nodeArgs, "cli/main.ts", "local", "--json", "-f", this.#file, ...args];
    this.#child = spawn(process.execPath, argv, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...env },
    });
    if (onStderr !== undefined) createInterface({ input: this.#child.stderr! }).on("line", onStderr);
    this.#child.stderr!.on("data", (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk).slice(-20_000)));
    createInterface({ input: this.#child.stdout! }).on("line", (line) =>
      this.events.push(JSON.parse(line) as PilotlightEvent),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Sends a message to what `nodeArgs` have loaded into it, and resolves with the answer. */
  async ask(message: string): Promise<unknown> {
    const answer = once(this.#child, "message") as Promise<[unknown]>;
    this.#child.send(message);
    return (await answer)[0];
  }

  get #file(): string {
    return join(this.#folder, "manifests.yaml");
  }

  /** Writes other manifests in place of those it runs. */
  save(manifests: readonly object[]): void {
    writeFileSync(this.#file, manifests.map((object) => JSON.stringify(object)).join("\n---\n"));
  }

  /** Sends it a signal. Resolves with its exit code when it has ended; null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.#child, "exit") as Promise<[number | null]>;
    this.#child.kill(signal);
    return (await exited)[0];
  }

  /** The end of what it and its pods wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The URL of a Service by its name. */
  url(service: string): string {
    const ready = this.events.find(({ event }) => event === "ready") as unknown as {
      services: { name: string; url: string }[];
    };
    const found = ready.services.find(({ name }) => name.split("/").at(-1) === service);
    if (found === undefined) throw new Error(`no Service ${service} in ${JSON.stringify(ready)}`);
    return found.url;
  }

  /** The first event that fits, waited for up to `ms`. */
  async until(fits: (event: PilotlightEvent) => boolean, ms = 30_000): Promise<PilotlightEvent> {
    const deadline = performance.now() + ms;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        const seen = this.events.slice(-20).map((event) => JSON.stringify(event));
        throw new Error(
          `no such event; exit code ${this.#child.exitCode}\n${seen.join("\n")}\n${this.#stderr}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGTERM");
      await once(this.#child, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface AppOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly container?: object;
  readonly pod?: object;
}

/** A Service and the Deployment behind it. */
export const app = ({
  name,
  command,
  annotations = {},
  env = {},
  container = {},
  pod = {},
}: AppOptions): object[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, annotations },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          ...pod,
          containers: [
            {
              name: "app",
              image: "app",
              command,
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              ...container,
            },
          ],
        },
      },
    },
  },
];
