import type { Clock, Millis } from "./clock.ts";

/** A timer that is its own place in the wheel: setting it costs no allocation. Only the wheel writes to its fields. */
export interface WheelTimer {
  /** When it is due; 0 before it was ever set. */
  due: Millis;
  slot: number;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;
  /** Called once, at the first tick at or after `due`; it may set itself again. */
  fire(now: Millis): void;
}

/** What a `WheelTimer` starts with. */
export const unset = -1;

/**
 * Many coarse timers behind one real one: setting and clearing take constant time, and nothing ticks while none is
 * set. A timer fires at most `tickMs` late and never early. (Varghese and Lauck's hashed wheel, scheme 6.)
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #tickMs: Millis;
  readonly #slots: (WheelTimer | undefined)[];
  #count = 0;
  /** The last tick that was worked through, as a number of ticks since the epoch. */
  #done = 0;
  #ticking: Disposable | undefined;

  constructor(clock: Clock, options: { readonly tickMs?: Millis; readonly slots?: number } = {}) {
    this.#clock = clock;
    this.#tickMs = options.tickMs ?? 50;
    this.#slots = Array.from({ length: options.slots ?? 512 });
  }

  /** Timers that are set. */
  get count(): number {
    return this.#count;
  }

  /** Sets the timer for the instant `due`, or moves it there. */
  set(timer: WheelTimer, due: Millis): void {
    if (timer.slot === unset) this.#count++;
    else this.#unlink(timer);
    if (this.#ticking === undefined) this.#begin();
    // What is overdue goes into the next tick: those before it are done.
    const tick = Math.max(Math.ceil(due / this.#tickMs), this.#done + 1);
    timer.due = due;
    this.#link(timer, tick % this.#slots.length);
  }

  /** Does nothing to a timer that is not set. */
  clear(timer: WheelTimer): void {
    if (timer.slot === unset) return;
    this.#unlink(timer);
    this.#count--;
  }

  /** Calls `fn` after `ms` unless disposed first: for the occasional timer that has no object of its own. */
  after(ms: Millis, fn: () => void): Disposable {
    const timer: WheelTimer = { due: 0, slot: unset, previous: undefined, next: undefined, fire: fn };
    this.set(timer, this.#clock.now() + ms);
    return { [Symbol.dispose]: () => this.clear(timer) };
  }

  /** Forgets every timer without firing it. */
  [Symbol.dispose](): void {
    for (let i = 0; i < this.#slots.length; i++) {
      for (let timer = this.#slots[i]; timer !== undefined; timer = this.#slots[i]) this.clear(timer);
    }
    this.#end();
  }

  #begin(): void {
    this.#done = Math.floor(this.#clock.now() / this.#tickMs);
    this.#ticking = this.#clock.every(this.#tickMs, () => this.#tick());
  }

  #end(): void {
    this.#ticking?.[Symbol.dispose]();
    this.#ticking = undefined;
  }

  #tick(): void {
    const now = this.#clock.now();
    const current = Math.floor(now / this.#tickMs);
    // After a pause of a whole turn every slot is looked at once.
    const first = Math.max(this.#done + 1, current - this.#slots.length + 1);
    this.#done = Math.max(this.#done, current);
    for (let tick = first; tick <= current; tick++) this.#fireDue(tick % this.#slots.length, now);
    if (this.#count === 0) this.#end();
  }

  #fireDue(slot: number, now: Millis): void {
    let due: WheelTimer[] | undefined;
    for (let timer = this.#slots[slot]; timer !== undefined; timer = timer.next) {
      if (timer.due <= now) (due ??= []).push(timer);
    }
    if (due === undefined) return;
    for (const timer of due) {
      // One that fired before may have cleared or moved it.
      if (timer.slot !== slot || timer.due > now) continue;
      this.clear(timer);
      timer.fire(now);
    }
  }

  #link(timer: WheelTimer, slot: number): void {
    const first = this.#slots[slot];
    timer.slot = slot;
    timer.previous = undefined;
    timer.next = first;
    if (first !== undefined) first.previous = timer;
    this.#slots[slot] = timer;
  }

  #unlink(timer: WheelTimer): void {
    if (timer.previous === undefined) this.#slots[timer.slot] = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next !== undefined) timer.next.previous = timer.previous;
    timer.slot = unset;
    timer.previous = timer.next = undefined;
  }
}
