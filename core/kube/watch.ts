import type { Clock } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import { isExpired, unreachable } from "./api-error.ts";
import { backoff } from "./backoff.ts";
import type { KubeClient } from "./client.ts";
import { listAll } from "./list.ts";
import type { KubeObject } from "./objects.ts";
import { keyOf } from "./objects.ts";
import type { Selection } from "./watch-events.ts";
import { watchEvents } from "./watch-events.ts";

/** Called after an object appeared (`before` undefined), changed, or went (`now` undefined). */
export type OnChange<T> = (key: string, now: T | undefined, before: T | undefined) => void;

/** The objects of one selection as last heard of. Objects are immutable and are replaced whole. */
export interface Store<T> {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  subscribe(listener: OnChange<T>): Disposable;
  /** Whether the objects have been listed at least once. */
  readonly synced: boolean;
}

export interface WatchedOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly selection: Selection;
  /** Keeps of an object what is needed, to save memory; an object that is not needed at all is `undefined`. */
  readonly keep?: (object: T) => T | undefined;
  /** In [0, 1). */
  readonly random?: () => number;
}

const BACKOFF = { firstMs: 200, maxMs: 5000 } as const;
/** Watches end after five to ten minutes, not all at once. */
const WATCH_SECONDS = 300;
/** A watch that ends sooner than this without a word counts as a failure. */
const SHORT_MS = 1000;

/**
 * List, then watch from there, for ever. A watch that breaks is taken up again where it was; only when the
 * server has forgotten that place (410) is everything listed anew. While the server cannot be reached, what
 * was last known stays in use.
 */
export class Watched<T extends KubeObject> implements Part, Store<T> {
  readonly name: string;
  readonly #options: WatchedOptions<T>;
  readonly #random: () => number;
  readonly #log: Logger;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<OnChange<T>>();
  readonly #stopped = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #resourceVersion: string | undefined;
  #failures = 0;
  #synced = false;

  constructor(options: WatchedOptions<T>) {
    this.name = `watch ${options.selection.path}`;
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#log = options.log.child({ resource: options.selection.path });
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** Resolves once the objects have been listed. */
  get firstSync(): Promise<void> {
    return this.#first.promise;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  subscribe(listener: OnChange<T>): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Begins; does not wait for the first list (`firstSync` does), so that an unreachable server holds up nobody. */
  async start(): Promise<void> {
    this.#running = this.#run(this.#stopped.signal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error("stopped"));
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, selection } = this.#options;
    const { items, resourceVersion } = await listAll<T>(client, selection, { signal });
    const gone = new Set(this.#objects.keys());
    for (const item of items) {
      gone.delete(keyOf(item));
      this.#put(item);
    }
    for (const key of gone) this.#set(key, undefined);
    this.#resourceVersion = resourceVersion;
    this.#synced = true;
    this.#first.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock, selection } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + this.#random()));
    const resourceVersion = this.#resourceVersion ?? "";
    const began = clock.now();
    let events = 0;
    for await (const event of watchEvents<T>(client, selection, {
      resourceVersion,
      timeoutSeconds,
      signal,
    })) {
      events++;
      this.#failures = 0;
      this.#resourceVersion = event.object.metadata.resourceVersion;
      if (event.type === "DELETED") this.#set(keyOf(event.object), undefined);
      else if (event.type !== "BOOKMARK") this.#put(event.object);
    }
    if (events === 0 && clock.now() - began < SHORT_MS)
      throw unreachable(new Error("the watch ended at once"));
    this.#failures = 0;
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (isExpired(error)) this.#resourceVersion = undefined;
    const wait = backoff(this.#failures, BACKOFF, this.#random());
    if (this.#failures === 0) this.#log.info({ err: error, waitMs: wait }, "watch broke");
    else this.#log.warn({ err: error, waitMs: wait, failures: this.#failures }, "watch keeps failing");
    this.#failures++;
    await this.#options.clock.sleep(wait, signal).catch(() => undefined);
  }

  #put(object: T): void {
    const kept = this.#options.keep === undefined ? object : this.#options.keep(object);
    this.#set(keyOf(object), kept);
  }

  #set(key: string, now: T | undefined): void {
    const before = this.#objects.get(key);
    if (before === undefined && now === undefined) return;
    if (before !== undefined && before.metadata.resourceVersion === now?.metadata.resourceVersion) return;
    if (now === undefined) this.#objects.delete(key);
    else this.#objects.set(key, now);
    for (const listener of this.#listeners) {
      try {
        listener(key, now, before);
      } catch (error) {
        this.#log.error({ err: error, object: key }, "listener failed");
      }
    }
  }
}
