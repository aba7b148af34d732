import { Breaker, knativeLimits } from "../../../activator/throttle/breaker.ts";
import { Slots, UNLIMITED } from "../../../activator/throttle/slots.ts";

export interface CountOp {
  readonly op: string;
  readonly n?: number;
}

export interface BreakerCase {
  readonly queueDepth?: number;
  readonly maxConcurrency?: number;
  readonly initialCapacity?: number;
  readonly ops: readonly CountOp[];
}

const full = new Error("full");

/** Runs operations on a breaker whose slots all come from one place, and counts what becomes of the calls. */
class Calls {
  readonly slots: Slots;
  readonly breaker: Breaker<Slots>;
  readonly counts = { running: 0, reserved: 0, full: 0, cancelled: 0, refused: 0 };
  #waiting: AbortController[] = [];

  constructor(capacity: number, limits: ReturnType<typeof knativeLimits>) {
    const slots = new Slots(capacity);
    this.slots = slots;
    this.breaker = new Breaker<Slots>(
      limits,
      { take: () => (slots.reserve() ? slots : undefined) },
      () => full,
    );
  }

  maybe(): void {
    const caller = new AbortController();
    this.#waiting.push(caller);
    const left = () => this.#waiting.splice(this.#waiting.indexOf(caller), 1);
    this.breaker.acquire({ signal: caller.signal }).then(
      () => {
        left();
        this.counts.running++;
      },
      (error: unknown) => {
        left();
        this.counts[error === full ? "full" : "cancelled"]++;
      },
    );
  }

  finish(): void {
    this.counts.running--;
    this.#release();
  }

  cancel(): void {
    this.#waiting.at(-1)?.abort();
  }

  reserve(): void {
    this.counts[this.breaker.reserve() === undefined ? "refused" : "reserved"]++;
  }

  release(): void {
    this.counts.reserved--;
    this.#release();
  }

  update(capacity: number): void {
    this.slots.update(capacity);
    this.breaker.drain();
  }

  #release(): void {
    this.slots.release();
    this.breaker.release();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Step = "maybe" | "finish" | "cancel" | "reserve" | "release";

/** Runs one operation and lets all settle; `capacity` is what an update sets. */
const run = async (calls: Calls, { op, n = 0 }: CountOp, capacity = n): Promise<void> => {
  if (op === "update") {
    calls.update(capacity);
    return settled();
  }
  for (let i = 0; i < n; i++) {
    calls[op as Step]();
    await settled();
  }
};

export const replayBreaker = async (c: BreakerCase): Promise<unknown> => {
  const calls = new Calls(c.initialCapacity ?? 0, knativeLimits(c.queueDepth ?? 0, c.maxConcurrency ?? 0));
  const states: unknown[] = [];
  for (const op of c.ops) {
    await run(calls, op);
    const { slots, breaker, counts } = calls;
    const { inFlight, waiting } = breaker;
    states.push({ capacity: slots.capacity, inFlight, waiting, ...counts });
  }
  return states;
};

/** Without a limit per pod there is only open, told as 1, and closed. */
export const replayInfinite = async (ops: readonly CountOp[]): Promise<unknown> => {
  const calls = new Calls(0, { waiting: Infinity, inFlight: Infinity });
  const states: unknown[] = [];
  for (const op of ops) {
    await run(calls, op, op.n ? UNLIMITED : 0);
    const { slots, breaker, counts } = calls;
    states.push({ capacity: Math.min(1, slots.capacity), ran: counts.running, waiting: breaker.waiting });
  }
  return states;
};
