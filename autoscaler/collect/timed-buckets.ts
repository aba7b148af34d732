import type { Nanos } from "#core/clock.ts";
import { bucketOf } from "#core/time-bucket.ts";

/**
 * "Before anything": no write yet, or none that still counts. Further back than any window reaches, and a small
 * integer, which V8 keeps in the object itself.
 */
const NEVER = -(2 ** 30);

/**
 * A ring of time buckets over a window (`knative.md` 3.2). Writes into one bucket add up. A window that is no
 * multiple of the granularity has its number of buckets rounded up. Memory is taken at the first write.
 *
 * After Knative's `pkg/autoscaler/aggregation` TimedFloat64Buckets, whose running total is kept on purpose:
 * sums of doubles depend on their order.
 */
export class TimedBuckets {
  readonly #granularity: Nanos;
  #window: Nanos;
  #length: number;
  #ring: number[] | undefined;
  /** Bucket numbers of the earliest and the latest write that count. */
  #first = NEVER;
  #last = NEVER;
  #total = 0;

  constructor(window: Nanos, granularity: Nanos) {
    this.#granularity = granularity;
    this.#window = window;
    this.#length = Math.ceil(window / granularity);
  }

  /** Number of buckets. */
  get length(): number {
    return this.#length;
  }

  /** Bucket number of the latest write; before the first, one that no window reaches back to. */
  get last(): number {
    return this.#last;
  }

  /** Adds `value` at `now`, which may lie before earlier writes; a whole window or more behind it is dropped. */
  record(now: Nanos, value: number): void {
    const bucket = bucketOf(now, this.#granularity);
    if (bucket !== this.#last && !this.#moveTo(bucket)) return;
    this.#ring ??= zeros(this.#length);
    const slot = this.#slot(bucket);
    this.#ring[slot] = this.#ring[slot]! + value;
    this.#total += value;
  }

  /** Whether nothing was written for more than a window; at exactly one window it is not empty yet. */
  isEmpty(now: Nanos): boolean {
    return this.#silence(now) > this.#window;
  }

  /** The bucket number of `now`. */
  bucket(now: Nanos): number {
    return bucketOf(now, this.#granularity);
  }

  /** What was written into a bucket of the window. */
  at(bucket: number): number {
    return this.#ring?.[this.#slot(bucket)] ?? 0;
  }

  /**
   * The average as of `now`, over the seconds since the first write when the window is not full yet. Silence at
   * the end shortens the divisor as well: only silence between writes counts as zeros. Not rounded.
   */
  average(now: Nanos): number {
    const silence = this.#silence(now);
    if (silence >= this.#window) return 0;
    const sinceFirst = this.#last - this.#first + 1;
    if (silence <= 0) return this.#total / Math.min(sinceFirst, this.#length);
    const bucket = this.bucket(now);
    let total = this.#total;
    for (let i = this.#last + 1; i <= bucket; i++) total -= this.at(i);
    return total / Math.min(sinceFirst, this.#length - (bucket - this.#last));
  }

  /**
   * Changes the window. `now` is the wall clock: a window without recent data starts afresh, one with data counts
   * from then on as if the old window had been full.
   */
  resize(window: Nanos, now: Nanos): void {
    if (window === this.#window) return;
    const length = Math.ceil(window / this.#granularity);
    if (this.isEmpty(now)) this.#forget();
    else this.#copyInto(length);
    this.#window = window;
    this.#length = length;
  }

  #forget(): void {
    this.#ring = undefined;
    this.#total = 0;
    this.#first = NEVER;
  }

  #copyInto(length: number): void {
    const ring = zeros(length);
    let total = 0;
    for (let age = 0; age < Math.min(length, this.#length); age++) {
      const value = this.at(this.#last - age);
      ring[slotOf(this.#last - age, length)] = value;
      total += value;
    }
    this.#first = this.#last - (this.#length - 1);
    this.#ring = ring;
    this.#total = total;
  }

  /** Makes room for a write into another bucket than the last; false when it is too old. */
  #moveTo(bucket: number): boolean {
    const gap = (bucket - this.#last) * this.#granularity;
    if (-gap >= this.#window) return false;
    if (this.#first === NEVER || this.#first > bucket) this.#first = bucket;
    if (gap <= 0) return true;
    if (gap >= this.#window) {
      this.#first = bucket;
      this.#ring?.fill(0);
      this.#total = 0;
    } else {
      for (let i = this.#last + 1; i <= bucket; i++) this.#clear(i);
    }
    this.#last = bucket;
    return true;
  }

  #clear(bucket: number): void {
    if (this.#ring === undefined) return;
    const slot = this.#slot(bucket);
    this.#total -= this.#ring[slot]!;
    this.#ring[slot] = 0;
  }

  #silence(now: Nanos): Nanos {
    return (this.bucket(now) - this.#last) * this.#granularity;
  }

  #slot(bucket: number): number {
    return slotOf(bucket, this.#length);
  }
}

/**
 * Doubles in a plain array: V8 keeps them unboxed inside its heap, at half the memory that a typed array with its
 * buffer outside takes at this size (480 against 920 bytes for 33 values on average). Made with its length and
 * filled with a fraction first, or it would be an array of small integers, or of boxed numbers.
 */
// oxlint-disable-next-line unicorn/no-new-array -- Array.from would make an array of boxed numbers
const zeros = (length: number): number[] => new Array<number>(length).fill(0.5).fill(0);

const slotOf = (bucket: number, length: number): number => {
  const rest = bucket % length;
  return rest < 0 ? rest + length : rest;
};
