import type { Dest } from "#core/ports.ts";
import { PodTracker } from "./pod-tracker.ts";
import { type ActivatorPlace, assignSlice, byText, revisionCapacity, unknownPlace } from "./subset.ts";

/**
 * The trackers of one revision and which of them this activator uses. A tracker is kept while requests run in
 * its dest, so that a dest that comes back finds them counted.
 */
export class Assignment {
  readonly #trackers = new Map<string, PodTracker>();
  #healthy: readonly PodTracker[] = [];
  #assigned: readonly PodTracker[] = [];
  #shared: PodTracker | undefined;
  #backends = 0;
  #place: ActivatorPlace = unknownPlace;
  #containerConcurrency = 0;
  #capacity = 0;

  /** What requests may be sent to; replaced whole. */
  get assigned(): readonly PodTracker[] {
    return this.#assigned;
  }

  /** Trackers of the healthy dests, sorted by address as text. */
  get healthy(): readonly PodTracker[] {
    return this.#healthy;
  }

  /** The one address that stands for all pods, if they are not sent to directly. */
  get shared(): PodTracker | undefined {
    return this.#shared;
  }

  /** Requests this activator may have under way; `UNLIMITED` without a limit per pod. */
  get capacity(): number {
    return this.#capacity;
  }

  get backends(): number {
    return this.#backends;
  }

  get place(): ActivatorPlace {
    return this.#place;
  }

  /** Requests in one dest, healthy or not. */
  inFlightAt(key: string): number {
    return this.#trackers.get(key)?.inFlight ?? 0;
  }

  /** The healthy dests, or their number and the one address (`shared`) that leads to all of them. */
  update(dests: readonly Dest[], shared?: Dest): void {
    const direct = shared === undefined ? dests.toSorted((a, b) => byText(a.key, b.key)) : [];
    this.#retire(new Set(shared === undefined ? direct.map((dest) => dest.key) : [shared.key]));
    this.#healthy = direct.map((dest) => this.#track(dest));
    this.#shared = shared && this.#track(shared);
    this.#backends = dests.length;
    this.#assign();
  }

  setPlace(place: ActivatorPlace): void {
    this.#place = place;
    this.#assign();
  }

  setConcurrency(containerConcurrency: number): void {
    this.#containerConcurrency = containerConcurrency;
    for (const tracker of this.#trackers.values()) tracker.concurrency(containerConcurrency);
    this.#assign();
  }

  released(tracker: PodTracker): void {
    tracker.release();
    if (tracker.retired && tracker.inFlight === 0) this.#trackers.delete(tracker.key);
  }

  #retire(staying: ReadonlySet<string>): void {
    for (const tracker of this.#trackers.values()) {
      if (staying.has(tracker.key)) continue;
      tracker.retired = true;
      if (tracker.inFlight === 0) this.#trackers.delete(tracker.key);
    }
  }

  #track(dest: Dest): PodTracker {
    const known = this.#trackers.get(dest.key);
    const tracker = known ?? new PodTracker(dest, this.#containerConcurrency);
    if (known === undefined) this.#trackers.set(dest.key, tracker);
    tracker.retired = false;
    tracker.dest = dest;
    return tracker;
  }

  #assign(): void {
    const unlimited = this.#containerConcurrency === 0;
    const mine = unlimited ? this.#healthy : assignSlice(this.#healthy, this.#place);
    this.#capacity = revisionCapacity({
      containerConcurrency: this.#containerConcurrency,
      backends: this.#backends,
      trackers: mine.length,
      activators: this.#place.count,
    });
    this.#shared?.limit(this.#capacity);
    this.#assigned = this.#shared === undefined ? mine : [this.#shared];
  }
}
