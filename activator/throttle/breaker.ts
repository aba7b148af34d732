/** A bounded queue in front of slots; first come, first served. */

import { Waiter, WaitList, type WaitSignal } from "./wait-list.ts";

/** Where slots come from: one pod, or many by a policy. */
export interface SlotSource<S> {
  /** Takes a slot now, or none; `avoid` names what the taker would rather not get. */
  take(avoid?: ReadonlySet<string>): S | undefined;
}

export interface BreakerLimits {
  /** How many may wait. */
  readonly waiting: number;
  /** How many may wait and run together. */
  readonly inFlight: number;
}

/**
 * Knative's bound (`queue.Breaker`): only the sum of waiting and running is limited, so that more than
 * `queueDepth` may wait while the capacity is below `maxConcurrency`.
 */
export const knativeLimits = (queueDepth: number, maxConcurrency: number): BreakerLimits => ({
  waiting: Infinity,
  inFlight: queueDepth + maxConcurrency,
});

export interface AcquireOptions {
  /** Gives up the place in the queue when it aborts. */
  readonly signal: WaitSignal;
  /** Keys of dests that have failed this taker before. */
  readonly avoid?: ReadonlySet<string>;
}

/**
 * A bounded queue in front of slots; first come, first served. A slot is chosen in the tick in which it is
 * granted, before the waiter's promise resolves, so nothing can take it in between (`knative.md` 4.4, ADR 0006).
 */
export class Breaker<S> {
  readonly #source: SlotSource<S>;
  readonly #queue = new WaitList<S>();
  /** Those that had a slot before and came back: they arrived before everyone in `#queue`. */
  readonly #returned = new WaitList<S>();
  readonly #full: () => Error;
  #limits: BreakerLimits;
  #running = 0;

  /** `full` makes the error for one who is turned away. */
  constructor(limits: BreakerLimits, source: SlotSource<S>, full: () => Error) {
    this.#limits = limits;
    this.#source = source;
    this.#full = full;
  }

  get waiting(): number {
    return this.#queue.length + this.#returned.length;
  }

  get running(): number {
    return this.#running;
  }

  get inFlight(): number {
    return this.waiting + this.#running;
  }

  /** Takes a slot if nobody waits for one and one is free. Each slot is given back with `release`. */
  reserve(avoid?: ReadonlySet<string>): S | undefined {
    if (this.waiting > 0 || this.#running >= this.#limits.inFlight) return undefined;
    return this.#take(avoid);
  }

  /**
   * Waits for a slot. Rejects at once when too many wait, with the signal's reason when
   * it aborts first. Whoever is given a slot owns it, also when the signal aborted in the meantime.
   */
  acquire(options: AcquireOptions): Promise<S> {
    const { signal, avoid } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.inFlight >= this.#limits.inFlight) return Promise.reject(this.#full());
    const slot = this.waiting === 0 ? this.#take(avoid) : undefined;
    if (slot !== undefined) return Promise.resolve(slot);
    if (this.waiting >= this.#limits.waiting) return Promise.reject(this.#full());
    const waiter = new Waiter<S>(signal, avoid);
    (avoid !== undefined && avoid.size > 0 ? this.#returned : this.#queue).push(waiter);
    return waiter.promise;
  }

  /** One of those that ran has ended and its slot has gone back to the source. */
  release(): void {
    this.#running--;
    this.drain();
  }

  /** Gives slots to those who wait, in order. To be called whenever the source may have more. */
  drain(): void {
    for (let waiter = this.#first(); waiter !== undefined; waiter = this.#first()) {
      const slot = this.#take(waiter.avoid);
      if (slot === undefined) return;
      waiter.grant(slot);
    }
  }

  /** Rejects everyone who waits; what runs goes on. */
  rejectAll(reason: Error): void {
    for (let waiter = this.#first(); waiter !== undefined; waiter = this.#first()) waiter.fail(reason);
  }

  /** New limits hold for those who come; nobody who waits is turned away. */
  limit(limits: BreakerLimits): void {
    this.#limits = limits;
  }

  #first(): Waiter<S> | undefined {
    return this.#returned.first ?? this.#queue.first;
  }

  #take(avoid: ReadonlySet<string> | undefined): S | undefined {
    const slot = this.#source.take(avoid);
    if (slot !== undefined) this.#running++;
    return slot;
  }
}
