import type { KubeObject } from "./objects.ts";
import type { Store } from "./watch.ts";

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** The objects of a store by namespace, and of each namespace by key. */
export class NamespaceIndex<T extends KubeObject> {
  readonly #byNamespace = new Map<string, Map<string, T>>();

  constructor(store: Store<T>) {
    store.subscribe((key, now, before) => {
      const namespace = (now ?? before)?.metadata.namespace ?? "";
      const objects = this.#byNamespace.get(namespace) ?? new Map<string, T>();
      if (now === undefined) objects.delete(key);
      else objects.set(key, now);
      if (objects.size === 0) this.#byNamespace.delete(namespace);
      else this.#byNamespace.set(namespace, objects);
    });
  }

  in(namespace: string): ReadonlyMap<string, T> {
    return this.#byNamespace.get(namespace) ?? none;
  }
}
