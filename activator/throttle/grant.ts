import type { Dest } from "#core/ports.ts";
import type { PodTracker } from "./pod-tracker.ts";

/** Permission to run one request in one dest. Disposing it frees the slot; a second time does nothing. */
export interface Grant extends Disposable {
  readonly dest: Dest;
}

/** Whoever gave the slot and takes it back. */
export interface GrantOwner {
  released(tracker: PodTracker): void;
}

export class TrackerGrant implements Grant {
  readonly dest: Dest;
  #tracker: PodTracker | undefined;
  readonly #owner: GrantOwner;

  constructor(tracker: PodTracker, owner: GrantOwner) {
    this.dest = tracker.dest;
    this.#tracker = tracker;
    this.#owner = owner;
  }

  [Symbol.dispose](): void {
    const tracker = this.#tracker;
    if (tracker === undefined) return;
    this.#tracker = undefined;
    this.#owner.released(tracker);
  }
}
