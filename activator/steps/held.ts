import { RequestError } from "#core/errors.ts";
import type { RevisionId } from "#core/revision.ts";
import type { Exchange } from "../exchange.ts";
import type { Inbound } from "../inbound.ts";

export interface HeldLimits {
  /** Requests that wait, of all revisions. */
  readonly maxHeld: number;
  /** Bytes that they may hold, of all revisions and of one. */
  readonly maxHeldBytes: number;
  readonly maxHeldBytesPerService: number;
}

/** What a request costs here besides its bytes: the objects that stand for it and its connection. */
const OVERHEAD = 2048;
/** More of a body is never read before a pod has the request. */
const MOST_BODY = 65_536;
const RETRY_AFTER_SECONDS = 1;

/**
 * Bounds what all requests that wait hold in memory. Counted is what a request may hold at most, so that the sum
 * needs no look at each byte that arrives. One Service cannot use up what others need: its own bound is lower.
 */
export class HeldRequests {
  readonly #limits: HeldLimits;
  readonly #bytesOf = new Map<RevisionId, number>();
  #count = 0;
  #bytes = 0;

  constructor(limits: HeldLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a request that waits until disposed. Throws `queue_full` for its Service, `overloaded` for all. */
  enter(exchange: Exchange): Disposable {
    const { id } = exchange.revision!;
    const bytes = heldBytes(exchange);
    const { maxHeld, maxHeldBytes, maxHeldBytesPerService } = this.#limits;
    const own = (this.#bytesOf.get(id) ?? 0) + bytes;
    if (own > maxHeldBytesPerService) throw full("queue_full", own, maxHeldBytesPerService);
    if (this.#bytes + bytes > maxHeldBytes) throw full("overloaded", this.#bytes, maxHeldBytes);
    if (this.#count >= maxHeld) {
      const detail = `${this.#count} requests wait`;
      throw new RequestError("overloaded", { detail, retryAfter: RETRY_AFTER_SECONDS });
    }
    this.#count++;
    this.#bytes += bytes;
    this.#bytesOf.set(id, own);
    return { [Symbol.dispose]: () => this.#leave(id, bytes) };
  }

  #leave(id: RevisionId, bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    const left = this.#bytesOf.get(id)! - bytes;
    if (left === 0) this.#bytesOf.delete(id);
    else this.#bytesOf.set(id, left);
  }
}

const lengthsOf = ({ target, fields }: Inbound): number =>
  fields.reduce((sum, text) => sum + text.length, target.length);

/** The most that a request may hold while it waits. */
export const heldBytes = ({ inbound }: Exchange): number => {
  let bytes = OVERHEAD + (inbound.headBytes ?? lengthsOf(inbound));
  if (inbound.body !== undefined) bytes += Math.min(inbound.body.length ?? MOST_BODY, MOST_BODY);
  return bytes;
};

const full = (code: "queue_full" | "overloaded", bytes: number, most: number): RequestError =>
  new RequestError(code, {
    detail: `requests that wait hold ${bytes} bytes of ${most}`,
    retryAfter: RETRY_AFTER_SECONDS,
  });
