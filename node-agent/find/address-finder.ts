/** Finds the address of a pod that is being started, by asking the runtime again and again while somebody waits. */
import type { Clock, Millis } from "#core/clock.ts";
import { QuietTime } from "#core/quiet-time.ts";
import { Turns } from "./turns.ts";

/** What the finder needs of the container runtime; both calls reject when it cannot be asked. */
export interface Runtime {
  /** Ready sandboxes of a pod, the newest first. */
  sandboxes(podUid: string): Promise<readonly string[]>;
  /** Addresses of a sandbox; empty while it has none. */
  addresses(sandboxId: string): Promise<readonly string[]>;
}

export interface FinderOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Between two questions at first: a call takes about 1 ms, and an address about 100 ms to appear. */
const SHORTEST_PAUSE_MS: Millis = 2;
const LONGEST_PAUSE_MS: Millis = 50;
/** The pause as a part of the time that has passed: on a busy node, where starts take long, asking makes them longer. */
const PAUSE_SHARE = 0.02;
const PAUSE_AFTER_ERROR_MS: Millis = 100;
/** Pods that the runtime is asked about at one time, however many are waited for: it is busy with their starts. */
const ASKED_AT_ONCE = 8;

/** A runtime that is slow to answer is given as long to itself as its answer took. */
const pauseAfter = ({ tookMs, sinceMs }: { readonly tookMs: Millis; readonly sinceMs: Millis }): Millis =>
  Math.min(Math.max(SHORTEST_PAUSE_MS, tookMs, sinceMs * PAUSE_SHARE), LONGEST_PAUSE_MS);

interface Search {
  readonly waiting: Set<(addresses: readonly string[]) => void>;
  readonly done: AbortController;
}

export class AddressFinder {
  readonly #options: FinderOptions;
  readonly #searches = new Map<string, Search>();
  readonly #quiet = new QuietTime();
  readonly #turns = new Turns(ASKED_AT_ONCE);

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /** Pods that somebody waits for. The runtime is asked for these and no others. */
  get searching(): number {
    return this.#searches.size;
  }

  /**
   * The addresses of a pod as soon as its sandbox has any; everybody who waits for the same pod shares one search,
   * which ends with the last of them. Rejects with the signal's reason.
   */
  find(podUid: string, signal: AbortSignal): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const search = this.#join(podUid);
      const leave = (): void => {
        search.waiting.delete(found);
        if (search.waiting.size === 0) this.#end(podUid, search);
        reject(signal.reason as Error);
      };
      const found = (addresses: readonly string[]): void => {
        signal.removeEventListener("abort", leave);
        resolve(addresses);
      };
      search.waiting.add(found);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  #join(podUid: string): Search {
    const present = this.#searches.get(podUid);
    if (present !== undefined) return present;
    const search: Search = { waiting: new Set(), done: new AbortController() };
    this.#searches.set(podUid, search);
    void this.#run(podUid, search);
    return search;
  }

  #end(podUid: string, search: Search): void {
    if (this.#searches.get(podUid) === search) this.#searches.delete(podUid);
    search.done.abort();
  }

  async #run(podUid: string, search: Search): Promise<void> {
    const { clock } = this.#options;
    const began = clock.now();
    for (let first = true; !search.done.signal.aborted; first = false) {
      const asked = clock.now();
      const addresses = await this.#turns.run(() => this.#ask(podUid, search));
      const now = clock.now();
      if (addresses !== undefined && addresses.length > 0) {
        if (!first) this.#quiet.add(now - began);
        this.#end(podUid, search);
        for (const found of search.waiting) found(addresses);
        return;
      }
      const pause =
        addresses === undefined
          ? PAUSE_AFTER_ERROR_MS
          : pauseAfter({ tookMs: now - asked, sinceMs: now - began });
      const quiet = first ? this.#quiet.ms : 0;
      await clock.sleep(Math.max(pause, quiet), search.done.signal).catch(() => undefined);
    }
  }

  /** Addresses, none yet, or undefined when the runtime could not be asked. */
  async #ask(podUid: string, search: Search): Promise<readonly string[] | undefined> {
    const { runtime, onError } = this.#options;
    // Nobody may be waiting any more when its turn comes.
    if (search.done.signal.aborted) return [];
    try {
      const [newest] = await runtime.sandboxes(podUid);
      return newest === undefined ? [] : await runtime.addresses(newest);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }
}
