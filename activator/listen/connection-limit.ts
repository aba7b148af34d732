/** Counts connections by what they have in common, and says when there are too many. */
export class ConnectionLimit<K> {
  readonly #counts = new Map<K, number>();

  /** Keys that have connections now. */
  get size(): number {
    return this.#counts.size;
  }

  /** Whether there may be one more with `most` of them; 0 = no limit. */
  allows(key: K, most: number): boolean {
    return most === 0 || (this.#counts.get(key) ?? 0) < most;
  }

  enter(key: K): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  leave(key: K): void {
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
