import type { Clock, Millis } from "#core/clock.ts";

interface Gate {
  shutUntil: Millis;
  suppressed: number;
}

/** Lets one line per key and second through, so that ten thousand equal failures do not become the next one. */
export class LogGate {
  readonly #clock: Clock;
  readonly #gates = new Map<string, Gate>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lines that were held back since the last one, or undefined when this one is to be held back too. */
  pass(key: string): number | undefined {
    const now = this.#clock.now();
    const gate = this.#gates.get(key);
    if (gate !== undefined && now < gate.shutUntil) {
      gate.suppressed++;
      return undefined;
    }
    // A thousand keys are more than a process has Services in trouble; what they held back is not worth keeping.
    if (this.#gates.size >= 1000) this.#gates.clear();
    this.#gates.set(key, { shutUntil: now + 1000, suppressed: 0 });
    return gate?.suppressed ?? 0;
  }
}
