import {
  type Dest,
  type DestSet,
  type Dests,
  type Listener,
  noDests,
  type PodCounts,
  type Revisions,
  type Scale,
  type WakingEvent,
  type WakingPods,
} from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";

/** Listeners that are told a name. */
class Listeners {
  readonly #all = new Set<Listener>();

  add(listener: Listener): Disposable {
    this.#all.add(listener);
    return { [Symbol.dispose]: () => void this.#all.delete(listener) };
  }

  tell(id: RevisionId): void {
    for (const listener of this.#all) listener(id);
  }
}

/** The ports in memory: a test says what the world is like, and sees what was asked of it. */
export class MemoryWorld {
  readonly #revisions = new Map<RevisionId, Revision>();
  readonly #sets = new Map<RevisionId, DestSet>();
  readonly #revisionListeners = new Listeners();
  readonly #destListeners = new Listeners();
  readonly #watches = new Map<RevisionId, Set<(event: WakingEvent) => void>>();

  /** Every `apply` that was asked for. */
  readonly applied: { id: RevisionId; replicas: number; onlyIf: number | undefined }[] = [];
  /** Told to workloads so far. */
  readonly replicas = new Map<RevisionId, number>();
  /** Thrown by the next calls of `apply`, first one first. */
  readonly refusals: Error[] = [];
  /** Given to whoever watches waking pods, before anything else. */
  readonly existing: WakingEvent[] = [];

  readonly revisions: Revisions = {
    get: (id) => this.#revisions.get(id),
    list: () => [...this.#revisions.values()],
    subscribe: (listener) => this.#revisionListeners.add(listener),
  };

  readonly dests: Dests = {
    get: (id) => this.#sets.get(id) ?? noDests,
    subscribe: (listener) => this.#destListeners.add(listener),
  };

  readonly scale: Scale = {
    wanted: (id) => Promise.resolve(this.replicas.get(id) ?? 0),
    apply: (id, replicas, options) => this.#apply(id, replicas, options?.onlyIf),
    pods: () => Promise.resolve<PodCounts>({ ready: 0, notReady: 0, pending: 0, terminating: 0 }),
  };

  readonly wakingPods: WakingPods = {
    watch: (id, listener) => {
      const watches = this.#watches.get(id) ?? new Set();
      this.#watches.set(id, watches.add(listener));
      for (const event of this.existing) listener(event);
      return { [Symbol.dispose]: () => void watches.delete(listener) };
    },
  };

  setRevision(revision: Revision): void {
    this.#revisions.set(revision.id, revision);
    this.#revisionListeners.tell(revision.id);
  }

  removeRevision(id: RevisionId): void {
    this.#revisions.delete(id);
    this.#revisionListeners.tell(id);
  }

  setDests(id: RevisionId, set: { ready?: readonly Dest[]; notReady?: readonly Dest[] }): void {
    this.#sets.set(id, { ...noDests, ...set });
    this.#destListeners.tell(id);
  }

  /** Tells those who watch the waking pods of a revision. */
  emit(id: RevisionId, event: WakingEvent): void {
    for (const listener of this.#watches.get(id) ?? []) listener(event);
  }

  /** How many watch the waking pods of a revision now. */
  watching(id: RevisionId): number {
    return this.#watches.get(id)?.size ?? 0;
  }

  #apply(id: RevisionId, replicas: number, onlyIf: number | undefined): Promise<boolean> {
    this.applied.push({ id, replicas, onlyIf });
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return Promise.reject(refusal);
    const met = onlyIf === undefined || onlyIf === (this.replicas.get(id) ?? 0);
    if (met) this.replicas.set(id, replicas);
    return Promise.resolve(met);
  }
}
