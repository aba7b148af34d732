/** One timer for everything that is to happen at some time. */
import type { Clock, Millis } from "#core/clock.ts";

/** Something that is called when its time has come. The queue keeps the object itself: no allocation per tick. */
export interface Ticker {
  /** `lateMs` says how long after its time it is called. May be queued again from inside. */
  tick(lateMs: Millis): void;
}

class Entry implements Disposable {
  readonly at: Millis;
  readonly ticker: Ticker;
  live = true;

  constructor(at: Millis, ticker: Ticker) {
    this.at = at;
    this.ticker = ticker;
  }

  [Symbol.dispose](): void {
    this.live = false;
  }
}

/**
 * Calls any number of tickers at their times with one timer: a binary heap by time. Those of one instant come in
 * no particular order. An entry that is disposed stays in the heap until its time and is then passed over.
 */
export class TickQueue {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #timer: Disposable | undefined;
  #timerAt: Millis = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Calls `ticker` once, at `at` or as soon after as the process can. */
  add(at: Millis, ticker: Ticker): Disposable {
    const entry = new Entry(at, ticker);
    push(this.#heap, entry);
    this.#arm();
    return entry;
  }

  /** Forgets everything that is queued. */
  clear(): void {
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = first.at;
    this.#timer = this.#clock.after(Math.max(0, first.at - this.#clock.now()), () => this.#fire());
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  /** Due now means due when the timer fired: what tickers add meanwhile waits for the next one. */
  #fire(): void {
    this.#disarm();
    const now = this.#clock.now();
    const due: Entry[] = [];
    while (this.#heap.length > 0 && this.#heap[0]!.at <= now) due.push(pop(this.#heap));
    for (const entry of due) if (entry.live) entry.ticker.tick(now - entry.at);
    this.#arm();
  }
}

const push = (heap: Entry[], entry: Entry): void => {
  let i = heap.length;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent]!.at <= entry.at) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = entry;
};

const pop = (heap: Entry[]): Entry => {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length > 0) sink(heap, last);
  return first;
};

const sink = (heap: Entry[], entry: Entry): void => {
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
    if (heap[child]!.at >= entry.at) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = entry;
};
