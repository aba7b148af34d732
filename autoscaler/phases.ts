import type { Millis } from "#core/clock.ts";

/**
 * Spreads periodic work evenly over its period. The period has `count` phases; each taker gets the phase that
 * the fewest share, and among equals the one that comes last from now, so that a lone revision has its first
 * tick a whole period after it appeared (`knative.md` 3.6: no immediate first tick).
 */
export class Phases {
  readonly #period: Millis;
  readonly #grain: Millis;
  readonly #takers: Uint32Array;

  constructor(period: Millis, count: number) {
    this.#period = period;
    this.#grain = period / count;
    this.#takers = new Uint32Array(count);
  }

  /** The phase taken. Give it back with `release`. */
  take(now: Millis): number {
    const count = this.#takers.length;
    const current = Math.floor((now % this.#period) / this.#grain);
    let best = current;
    for (let back = 1; back < count; back++) {
      const phase = (current - back + count) % count;
      if (this.#takers[phase]! < this.#takers[best]!) best = phase;
    }
    this.#takers[best]!++;
    return best;
  }

  release(phase: number): void {
    this.#takers[phase]!--;
  }

  /** The first instant of `phase` after `now`, at most one period away. */
  next(phase: number, now: Millis): Millis {
    const at = Math.floor(now / this.#period) * this.#period + phase * this.#grain;
    return at > now ? at : at + this.#period;
  }
}
