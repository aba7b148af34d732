/** A count of slots that can be resized while some are taken. */

/** What "no limit" is in numbers: Knative's MaxInt32 (`knative.md` 4.4). */
export const UNLIMITED = 2_147_483_647;

/** A count of slots that can be resized while some are taken. Never more are given out than there are. */
export class Slots {
  #capacity: number;
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many may be taken at once; `UNLIMITED` for no limit. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How many are taken. More than `capacity` after it was lowered: what runs is never cancelled. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot if one is free. */
  reserve(): boolean {
    if (this.#taken >= this.#capacity) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
  }

  update(capacity: number): void {
    this.#capacity = capacity;
  }
}
