import type { KubeObject } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import type { OnChange, Store } from "#core/kube/watch.ts";

/** A store whose objects the test puts in and takes out. */
export class MemoryStore<T extends KubeObject> implements Store<T> {
  readonly synced = true;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<OnChange<T>>();

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

  put(object: T): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener(key, object, before);
  }

  remove(key: string): void {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    if (before !== undefined) for (const listener of this.#listeners) listener(key, undefined, before);
  }
}
