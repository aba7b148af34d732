/** Spreads the ticks of thousands of revisions evenly over the tick period. */
import type { Clock, Millis } from "#core/clock.ts";
import type { Ticker, TickQueue } from "./tick-queue.ts";

export interface PhasesOptions {
  readonly clock: Clock;
  readonly queue: TickQueue;
  readonly period: Millis;
  /** Number of instants of the period that members are spread over. */
  readonly count: number;
  /** Hears once per instant how late its members are ticked. */
  readonly late?: (ms: Millis) => void;
}

/** The members that share one instant of the period. */
interface Phase extends Ticker {
  readonly members: Set<Ticker>;
  ticket: Disposable | undefined;
}

/** A class, because an object literal with a computed name costs half a kilobyte: a shape of its own each. */
class Membership implements Disposable {
  readonly #phase: Phase;
  readonly #member: Ticker;

  constructor(phase: Phase, member: Ticker) {
    this.#phase = phase;
    this.#member = member;
  }

  [Symbol.dispose](): void {
    this.#phase.members.delete(this.#member);
    if (this.#phase.members.size > 0) return;
    this.#phase.ticket?.[Symbol.dispose]();
    this.#phase.ticket = undefined;
  }
}

/**
 * Ticks any number of members once a period, spread evenly over it. A new member joins the phase that the fewest
 * share, and among equals the one that comes last from now, so that a lone revision has its first tick a whole
 * period after it appeared (`knative.md` 3.6: no immediate first tick).
 */
export class Phases {
  readonly #options: PhasesOptions;
  readonly #grain: Millis;
  readonly #phases: readonly Phase[];

  constructor(options: PhasesOptions) {
    this.#options = options;
    this.#grain = options.period / options.count;
    this.#phases = Array.from({ length: options.count }, (_, index) => this.#phase(index));
  }

  /** Ticks `member` from now on until disposed. */
  join(member: Ticker): Disposable {
    const index = this.#emptiest();
    const phase = this.#phases[index]!;
    phase.members.add(member);
    phase.ticket ??= this.#queue(index);
    return new Membership(phase, member);
  }

  #emptiest(): number {
    const { period, count, clock } = this.#options;
    const current = Math.floor((clock.now() % period) / this.#grain);
    let best = current;
    for (let back = 1; back < count; back++) {
      const index = (current - back + count) % count;
      if (this.#phases[index]!.members.size < this.#phases[best]!.members.size) best = index;
    }
    return best;
  }

  #phase(index: number): Phase {
    const members = new Set<Ticker>();
    const phase: Phase = {
      members,
      ticket: undefined,
      tick: (lateMs) => {
        phase.ticket = this.#queue(index);
        this.#options.late?.(lateMs);
        for (const member of members) member.tick(lateMs);
      },
    };
    return phase;
  }

  /** Queues a phase for its next instant: rounds that were missed are not made up for. */
  #queue(index: number): Disposable {
    const { period, clock, queue } = this.#options;
    const now = clock.now();
    const at = Math.floor(now / period) * period + index * this.#grain;
    return queue.add(at > now ? at : at + period, this.#phases[index]!);
  }
}
