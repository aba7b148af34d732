import type { Millis } from "./clock.ts";

/** Waits that say how long one takes at least; with fewer than this nothing is left out. */
const REMEMBERED = 8;
const ENOUGH = 3;
/** The part of the shortest wait in which nobody asks. */
const SHARE = 0.5;
const LONGEST_MS: Millis = 100;

/**
 * Learns how long something that is polled takes at least. A sandbox that was never there within 120 ms need not be
 * asked for in the first 60: asking takes CPU from the very start that is waited for. What is quicker than ever
 * before is found late by no more than the quiet time.
 */
export class QuietTime {
  readonly #waits: Millis[] = [];

  /** One that was polled has come, so long after the first question, which it was not there for. */
  add(waited: Millis): void {
    this.#waits.push(waited);
    if (this.#waits.length > REMEMBERED) this.#waits.shift();
  }

  /** Milliseconds from the first question to the second; 0 to 100. */
  get ms(): Millis {
    if (this.#waits.length < ENOUGH) return 0;
    return Math.min(Math.min(...this.#waits) * SHARE, LONGEST_MS);
  }
}
