/** Knows since when silence means no load, because who could report reaches us. */
import type { Millis } from "#core/clock.ts";

/**
 * Since when everybody who could report can reach us: while no activator is connected, silence says nothing.
 * An activator in this process reaches us always.
 */
export class Coverage {
  readonly #now: () => Millis;
  #links = 0;
  #since: Millis | undefined;

  /** `always` = stats come from this process only, or from nowhere else that could be cut off. */
  constructor(now: () => Millis, always: boolean) {
    this.#now = now;
    if (always) this.linked(1);
  }

  /** A way for stats opened (+1) or closed (−1). */
  linked(change: 1 | -1): void {
    this.#links += change;
    if (this.#links === 0) this.#since = undefined;
    else this.#since ??= this.#now();
  }

  get since(): Millis | undefined {
    return this.#since;
  }
}
