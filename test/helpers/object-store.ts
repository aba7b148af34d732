import { isDeepStrictEqual } from "node:util";

export interface StoredObject {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { uid: string }[];
  };
  [field: string]: unknown;
}

export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Change {
  readonly version: number;
  readonly path: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: StoredObject;
}

/** RFC 7386, as the API server does it. */
const merged = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = {
    ...(typeof target === "object" && target !== null && !Array.isArray(target) ? target : {}),
  };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
};

/** The objects of a fake API server by path (`/api/v1/namespaces/x/services/y`), with their history. */
export class ObjectStore {
  version = 1;
  /** The oldest resource version that a watch can start from. */
  oldest = 0;
  readonly #objects = new Map<string, StoredObject>();
  #history: Change[] = [];
  readonly #watchers = new Set<(change: Change) => void>();

  isCollection(path: string): boolean {
    return /^\/(api\/v1|apis\/[^/]+\/[^/]+)(\/namespaces\/[^/]+)?\/[^/]+$/.test(path);
  }

  list(collection: string, selects: (object: StoredObject) => boolean): StoredObject[] {
    return [...this.#objects]
      .filter(([path, object]) => within(collection, path) && selects(object))
      .map(([, object]) => object);
  }

  get(path: string): StoredObject {
    const object = this.#objects.get(path);
    if (object === undefined) throw new StatusError(404, `${path} not found`);
    return object;
  }

  create(collection: string, object: StoredObject): StoredObject {
    const namespace = /namespaces\/([^/]+)\//.exec(`${collection}/`)?.[1];
    const path = `${collection}/${object.metadata.name}`;
    if (this.#objects.has(path)) throw new StatusError(409, `${path} already exists`);
    const metadata = {
      creationTimestamp: "2026-01-01T00:00:00Z",
      uid: `uid-${this.version + 1}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...object.metadata,
    };
    return this.#write(path, "ADDED", { ...object, metadata });
  }

  replace(path: string, object: StoredObject): StoredObject {
    const before = this.get(path);
    const based = object.metadata.resourceVersion;
    if (based !== undefined && based !== before.metadata.resourceVersion) {
      throw new StatusError(409, "the object has been modified");
    }
    if (isDeepStrictEqual(before, object)) return before;
    return this.#write(path, "MODIFIED", object);
  }

  merge(path: string, patch: Record<string, unknown>): StoredObject {
    return this.replace(path, merged(this.get(path), patch) as StoredObject);
  }

  delete(path: string, options?: Record<string, unknown>): StoredObject {
    const object = this.get(path);
    const wanted = (options?.["preconditions"] as { uid?: string; resourceVersion?: string }) ?? {};
    const { uid, resourceVersion } = object.metadata;
    if ((wanted.uid ?? uid) !== uid || (wanted.resourceVersion ?? resourceVersion) !== resourceVersion) {
      throw new StatusError(409, "the precondition is not met");
    }
    this.#objects.delete(path);
    this.#record(path, "DELETED", object);
    for (const [other, { metadata }] of this.#objects) {
      if (metadata.ownerReferences?.some((owner) => owner.uid === uid)) this.delete(other);
    }
    return object;
  }

  /** Forgets the past, as etcd's compaction does. */
  compact(): void {
    this.oldest = ++this.version;
    this.#history = [];
  }

  watch(collection: string, from: number, listener: (change: Change) => void): Disposable {
    const send = (change: Change) => {
      if (change.version > from && within(collection, change.path)) listener(change);
    };
    for (const change of this.#history) send(change);
    this.#watchers.add(send);
    return { [Symbol.dispose]: () => void this.#watchers.delete(send) };
  }

  #write(path: string, type: "ADDED" | "MODIFIED", object: StoredObject): StoredObject {
    const written = this.#record(path, type, object);
    this.#objects.set(path, written);
    return written;
  }

  #record(path: string, type: Change["type"], object: StoredObject): StoredObject {
    const version = ++this.version;
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const change = { version, path, type, object: written };
    this.#history.push(change);
    for (const watcher of this.#watchers) watcher(change);
    return written;
  }
}

/** `/api/v1/services` holds `/api/v1/namespaces/x/services/y`. */
const within = (collection: string, path: string): boolean => {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return parent === collection || parent.replace(/\/namespaces\/[^/]+/, "") === collection;
};
