/** Counts connections by what they have in common, and says when there are too many. */
export class ConnectionLimit<K> {
  readonly #most: number;
  readonly #counts = new Map<K, number>();

  /** 0 = no limit. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Keys that have connections now. */
  get size(): number {
    return this.#counts.size;
  }

  allows(key: K): boolean {
    return this.#most === 0 || (this.#counts.get(key) ?? 0) < this.#most;
  }

  enter(key: K): void {
    if (this.#most > 0) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  leave(key: K): void {
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
