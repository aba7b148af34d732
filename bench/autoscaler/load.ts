import type { RevisionId } from "#core/revision.ts";
import type { Stat, StatMessage } from "#core/stat.ts";
import { PER_POD } from "./world.ts";

/** One full swing of a revision's load. */
const PERIOD_S = 90;
/** Part of the middle load that the swing adds and takes. */
const SWING = 0.5;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Concurrent requests to revision `index` at second `t`: swings around `pods` pods' worth, each at its own time. */
export const loadOf = (index: number, t: number, pods: number): number =>
  pods * PER_POD * (1 + SWING * Math.sin(2 * Math.PI * (t / PERIOD_S + (index % 97) / 97)));

/**
 * What `reporters` report once a second. The messages are made once and written over, so that the load itself
 * costs next to nothing.
 */
export class Load {
  readonly #pods: number;
  readonly #names: readonly string[];
  readonly #batch: readonly { readonly id: RevisionId; readonly stat: Writable<Stat> }[];

  constructor(ids: readonly RevisionId[], options: { readonly pods: number; readonly reporters: number }) {
    this.#pods = options.pods;
    this.#names = Array.from({ length: options.reporters }, (_, i) => `reporter-${i}`);
    this.#batch = ids.map((id) => ({ id, stat: emptyStat() }));
  }

  /** The batch of one reporter for second `t`: its share of each revision's load. Valid until the next call. */
  at(reporter: number, t: number): readonly StatMessage[] {
    const share = 1 / this.#names.length;
    for (const [i, { stat }] of this.#batch.entries()) {
      stat.podName = this.#names[reporter]!;
      stat.averageConcurrentRequests = loadOf(i, t, this.#pods) * share;
      stat.requestCount = 10;
    }
    return this.#batch;
  }
}

const emptyStat = (): Writable<Stat> => ({
  podName: "",
  averageConcurrentRequests: 0,
  averageProxiedConcurrentRequests: 0,
  requestCount: 0,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
});
