/** The queue itself: a linked list of those who wait, which anyone can leave at once. */

const once = { once: true } as const;

/** What is used here of an `AbortSignal`: a lighter thing will do, of which ten thousand may wait. */
export interface WaitSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: { handleEvent(): void }, options: { once: true }): void;
  removeEventListener(type: "abort", listener: { handleEvent(): void }): void;
}

/** One who waits for `S`. Is its own abort listener, so that ten thousand of them need no closures. */
export class Waiter<S> {
  readonly promise: Promise<S>;
  readonly avoid: ReadonlySet<string> | undefined;
  list: WaitList<S> | undefined;
  previous: Waiter<S> | undefined;
  next: Waiter<S> | undefined;
  #resolve!: (slot: S) => void;
  #reject!: (reason: unknown) => void;
  readonly #signal: WaitSignal;

  constructor(signal: WaitSignal, avoid: ReadonlySet<string> | undefined) {
    this.#signal = signal;
    this.avoid = avoid;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener("abort", this, once);
  }

  /** The signal aborted: the place in the queue is free in the same tick. */
  handleEvent(): void {
    this.fail(this.#signal.reason);
  }

  grant(slot: S): void {
    this.#leave();
    this.#resolve(slot);
  }

  fail(reason: unknown): void {
    this.#leave();
    this.#reject(reason);
  }

  #leave(): void {
    this.#signal.removeEventListener("abort", this);
    this.list?.remove(this);
  }
}

/** A doubly linked list: first in, first out, and anyone can leave in constant time. */
export class WaitList<S> {
  #first: Waiter<S> | undefined;
  #last: Waiter<S> | undefined;
  #length = 0;

  get first(): Waiter<S> | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  push(waiter: Waiter<S>): void {
    waiter.list = this;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length++;
  }

  remove(waiter: Waiter<S>): void {
    if (waiter.list !== this) return;
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.list = waiter.previous = waiter.next = undefined;
    this.#length--;
  }
}
