/**
 * Bounds the memory of heads that have begun and not come to their end, of all connections together. One port may have
 * half of it, so that whoever floods a Service leaves the others theirs. A head that comes at once, as nearly all do,
 * never counts.
 */
export class UnfinishedHeads {
  readonly #most: number;
  readonly #ofPort = new Map<object, number>();
  #total = 0;

  /** In bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes of all of them. */
  get total(): number {
    return this.#total;
  }

  /** The heads of one connection to a port, one after the other; `port` is only compared. */
  of(port: object): UnfinishedHead {
    let size = 0;
    return {
      grow: (bytes) => {
        const here = (this.#ofPort.get(port) ?? 0) + bytes;
        if (this.#total + bytes > this.#most || here > this.#most / 2) return false;
        size += bytes;
        this.#total += bytes;
        this.#ofPort.set(port, here);
        return true;
      },
      done: () => {
        if (size === 0) return;
        this.#total -= size;
        const here = this.#ofPort.get(port)! - size;
        if (here > 0) this.#ofPort.set(port, here);
        else this.#ofPort.delete(port);
        size = 0;
      },
    };
  }
}

export interface UnfinishedHead {
  /** Bytes have come, and the head is not at its end; false = there is no room for them. */
  readonly grow: (bytes: number) => boolean;
  /** There is none any more. */
  readonly done: () => void;
}
