import type { Dest } from "#core/ports.ts";
import { Slots, UNLIMITED } from "./slots.ts";

const slotsOf = (containerConcurrency: number): number =>
  containerConcurrency === 0 ? UNLIMITED : containerConcurrency;

/** One dest with the requests in it. Outlives the dest's absence while some of them still run (ADR 0006). */
export class PodTracker {
  /** Not in the healthy set any more. */
  retired = false;
  dest: Dest;
  readonly #slots: Slots;

  constructor(dest: Dest, containerConcurrency: number) {
    this.dest = dest;
    this.#slots = new Slots(slotsOf(containerConcurrency));
  }

  get key(): string {
    return this.dest.key;
  }

  /** Requests in it that came through here: the weight for the policy. */
  get inFlight(): number {
    return this.#slots.taken;
  }

  get capacity(): number {
    return this.#slots.capacity;
  }

  reserve(): boolean {
    return this.#slots.reserve();
  }

  release(): void {
    this.#slots.release();
  }

  /** A new hard limit; what runs above it goes on. */
  limit(slots: number): void {
    this.#slots.update(slots);
  }

  concurrency(containerConcurrency: number): void {
    this.limit(slotsOf(containerConcurrency));
  }
}
