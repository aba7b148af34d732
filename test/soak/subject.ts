import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Pilotlight } from "../helpers/pilotlight.ts";
import type { Size } from "./leak.ts";
import { manifests } from "./services.ts";

/** A line of Pilotlight's own log, at `warn` or above. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly service?: string;
  readonly [field: string]: unknown;
}

/**
 * What is soaked: `pilotlight local`, activator, autoscaler and pods' keeper in one process, so that everything
 * that a cold start, a scale-down or a lost pod leaves behind is in one heap.
 */
export class Subject implements AsyncDisposable {
  readonly pilotlight: Pilotlight;
  readonly log: readonly LogLine[];
  readonly #folder: string;
  #version = 0;

  private constructor(pilotlight: Pilotlight, log: readonly LogLine[], folder: string) {
    this.pilotlight = pilotlight;
    this.log = log;
    this.#folder = folder;
  }

  static async start(): Promise<Subject> {
    const folder = mkdtempSync(join(tmpdir(), "pilotlight-soak-"));
    writeFileSync(join(folder, "crashes"), "0");
    const log: LogLine[] = [];
    const pilotlight = await Pilotlight.start(
      manifests(0, join(folder, "crashes")),
      [],
      {},
      {
        nodeArgs: [
          "--expose-gc",
          // The young generation as the chart sets it: by default V8 lets it grow to 100 MB before it settles.
          "--max-semi-space-size=2",
          `--import=${resolve(import.meta.dirname, "measure-child.ts")}`,
        ],
        onStderr: (line) => {
          if (line.startsWith("{")) log.push(JSON.parse(line) as LogLine);
        },
      },
    );
    return new Subject(pilotlight, log, folder);
  }

  /** The next starts of the crashing Service's pods end with exit code 7. */
  crashNext(starts: number): void {
    writeFileSync(join(this.#folder, "crashes"), String(starts));
  }

  /** Saves manifests whose pods have another environment: all of them are replaced. */
  rollOut(): void {
    this.pilotlight.save(manifests(++this.#version, join(this.#folder, "crashes")));
  }

  /** Its size after all garbage has been collected. */
  async size(): Promise<Size> {
    return (await this.pilotlight.ask("measure")) as Size;
  }

  /** Writes a heap snapshot. */
  async snapshot(path: string): Promise<void> {
    await this.pilotlight.ask(path);
  }

  /** A gauge or counter of its admin port: the sum over all labels that `fits`. */
  async metric(name: string, fits: (labels: string) => boolean = () => true): Promise<number> {
    const { admin } = this.pilotlight.events.find(({ event }) => event === "ready") as unknown as {
      admin: string;
    };
    const text = await (await fetch(`${admin}/metrics`, { headers: { connection: "close" } })).text();
    return text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => fits(line.slice(name.length, line.lastIndexOf(" "))))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  /** What the autoscaler says of a Service. */
  async explain(service: string): Promise<string> {
    const { admin } = this.pilotlight.events.find(({ event }) => event === "ready") as unknown as {
      admin: string;
    };
    return (
      await fetch(`${admin}/explain?service=default/${service}`, { headers: { connection: "close" } })
    ).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pilotlight[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
