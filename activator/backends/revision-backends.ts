import type { Clock } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Dest, Dests, Revisions } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { Throttler } from "../throttle/throttler.ts";
import { RevisionPods } from "./revision-pods.ts";

export interface RevisionBackendsDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly revisions: Revisions;
  readonly dests: Dests;
  readonly throttler: Throttler;
}

/**
 * Keeps the healthy dests of every revision and gives them to the throttler: those the cluster says are ready,
 * and those that accept our own probe while somebody waits (`knative.md` 4.5). A dest that failed a request is
 * put aside and comes back when it accepts a probe; nothing negative is remembered longer.
 */
export class RevisionBackends implements Part {
  readonly name = "backends";
  readonly #deps: RevisionBackendsDeps;
  readonly #pods = new Map<RevisionId, RevisionPods>();
  readonly #listeners = new Set<(id: RevisionId) => void>();
  #subscriptions: Disposable[] = [];

  constructor(deps: RevisionBackendsDeps) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    const { revisions, dests } = this.#deps;
    this.#subscriptions = [
      revisions.subscribe((id) => this.#revisionChanged(id)),
      dests.subscribe((id) => this.#pods.get(id)?.update(dests.get(id))),
    ];
    for (const revision of revisions.list()) this.#revisionChanged(revision.id);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const pods of this.#pods.values()) pods.stop();
    this.#pods.clear();
    return Promise.resolve();
  }

  /** Dests that requests are sent to now. */
  healthy(id: RevisionId): readonly Dest[] {
    return this.#pods.get(id)?.healthy ?? [];
  }

  /** Whether pods are known that the cluster's own list does not have yet. */
  ahead(id: RevisionId): boolean {
    return this.#pods.get(id)?.ahead ?? false;
  }

  /** A dest refused or reset a request: no more go there until it accepts a probe. */
  suspect(id: RevisionId, dest: Dest): void {
    this.#deps.log.debug({ service: id, dest: dest.key, pod: dest.pod }, "dest put aside");
    this.#pods.get(id)?.suspect(dest.key);
  }

  /** A pod has an address, which the cluster's own list may not know yet. */
  learn(id: RevisionId, dest: Dest): void {
    this.#pods.get(id)?.learn(dest);
  }

  /** A pod is gone. */
  forget(id: RevisionId, key: string): void {
    this.#pods.get(id)?.forget(key);
  }

  /** While a revision wakes, pods that are not ready are probed; afterwards early ones are forgotten. */
  setWaking(id: RevisionId, waking: boolean): void {
    const pods = this.#pods.get(id);
    if (pods !== undefined) pods.waking = waking;
  }

  /** Somebody waits for the revision. */
  nudge(id: RevisionId): void {
    this.#pods.get(id)?.nudge();
  }

  /** Called after the healthy dests of a revision have changed, before any request has gone to them. */
  subscribe(listener: (id: RevisionId) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #revisionChanged(id: RevisionId): void {
    const { revisions, throttler, dests, clock } = this.#deps;
    const revision = revisions.get(id);
    const known = this.#pods.get(id);
    if (revision === undefined) {
      known?.stop();
      this.#pods.delete(id);
      throttler.remove(id);
      return;
    }
    throttler.configure(revision);
    if (known !== undefined) return known.configure(revision);
    const pods = new RevisionPods({
      clock,
      revision,
      waited: () => throttler.queued(id) > 0,
      onChange: (healthy) => this.#changed(id, healthy),
    });
    this.#pods.set(id, pods);
    pods.update(dests.get(id));
  }

  #changed(id: RevisionId, healthy: readonly Dest[]): void {
    this.#deps.throttler.update(id, healthy);
    for (const listener of this.#listeners) listener(id);
  }
}
