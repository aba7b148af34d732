import type { RequestBody } from "../inbound.ts";

const none: readonly string[] = [];

/** Bytes that may wait here before the client is no longer read. */
const highWater = 65_536;

/** The body of a request with a declared length. What arrives waits here until somebody takes it. */
export class LaneBody implements RequestBody {
  readonly length: number;
  /** Told when bytes have come, or when none will come any more. */
  onChange: (() => void) | undefined;
  #waiting: Buffer[] = [];
  #held = 0;
  #missing: number;
  #failure: Error | undefined;
  #discarding: (() => void) | undefined;
  readonly #pause: (full: boolean) => void;

  /** `pause` is told whether the client should be read on. */
  constructor(length: number, pause: (full: boolean) => void) {
    this.length = length;
    this.#missing = length;
    this.#pause = pause;
  }

  get begun(): boolean {
    return this.#held > 0;
  }

  /** Whether every byte has come from the client. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** Whether every byte has been taken. */
  get drained(): boolean {
    return this.#missing === 0 && this.#held === 0;
  }

  /** Nobody wants what still comes. */
  get discarding(): boolean {
    return this.#discarding !== undefined;
  }

  /** Takes what belongs to the body; what is behind its end is given back. */
  arrive(chunk: Buffer): Buffer | undefined {
    const mine = chunk.length > this.#missing ? chunk.subarray(0, this.#missing) : chunk;
    this.#missing -= mine.length;
    if (this.#discarding !== undefined) {
      if (this.complete) this.#discarding();
    } else if (mine.length > 0) {
      this.#waiting.push(mine);
      this.#held += mine.length;
      if (this.#held >= highWater) this.#pause(true);
      this.onChange?.();
    }
    return mine.length === chunk.length ? undefined : chunk.subarray(mine.length);
  }

  /** The next bytes, if any wait. */
  take(): Buffer | undefined {
    const chunk = this.#waiting.shift();
    if (chunk === undefined) return undefined;
    const full = this.#held >= highWater;
    this.#held -= chunk.length;
    if (full && this.#held < highWater) this.#pause(false);
    return chunk;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.take(); chunk !== undefined; chunk = this.take()) yield chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.complete || this.#discarding !== undefined) return;
      await new Promise<void>((resolve) => (this.onChange = resolve));
    }
  }

  trailers(): readonly string[] {
    return none;
  }

  /** The client has gone before the end. */
  fail(error: Error): void {
    this.#failure = error;
    this.onChange?.();
  }

  /** Nobody wants the rest: it is thrown away as it comes, then `onEnd`. */
  discard(onEnd: () => void): void {
    this.#discarding = onEnd;
    this.#waiting = [];
    this.#held = 0;
    this.#pause(false);
    this.onChange?.();
  }
}
