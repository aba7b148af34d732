import type { Millis } from "#core/clock.ts";

const START: Millis = 100;
const FACTOR = 1.3;
const JITTER = 0.5;
const STEPS = 20;

/**
 * Waits between tries to connect, as Knative's client has them (`knative.md` 3.13): 100 ms growing by 1.3, up to
 * half as much again at random, 20 steps a round (the last about 15 s), and rounds repeat for ever.
 */
export class Backoff {
  readonly #random: () => number;
  #step = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): Millis {
    const base = START * FACTOR ** this.#step;
    this.#step = (this.#step + 1) % STEPS;
    return base * (1 + JITTER * this.#random());
  }

  reset(): void {
    this.#step = 0;
  }
}
