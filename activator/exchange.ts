import type { Millis } from "#core/clock.ts";
import type { RequestError } from "#core/errors.ts";
import type { Revision } from "#core/revision.ts";
import type { Inbound } from "./inbound.ts";
import type { WaitSignal } from "./throttle/wait-list.ts";

/** Something that a step began and that ends with the request. */
export interface Ending {
  /** Called once; the failure is what the client will be told, if its answer has not begun. */
  ended(exchange: Exchange, failure: RequestError | undefined): void;
  /** Written by the exchange only. */
  outer: Ending | undefined;
}

/** What the steps of the pipeline know of one request, from its arrival to the end of its answer. */
export class Exchange {
  readonly inbound: Inbound;
  readonly arrivedAt: Millis;
  /** Set by the revision step. */
  revision: Revision | undefined;
  portIndex = 0;
  /** The client's own limit for the whole, from the arrival; where it is smaller than the Service's it counts. */
  clientLimitMs: Millis = Infinity;
  /** Status of the final answer; 0 until there is one. */
  status = 0;
  /** When the pod last sent something, or was given the request; 0 while no pod has it. */
  podActiveAt: Millis = 0;
  /** The pod may not send because the client does not read: its silence is not its fault. */
  held = false;
  /** Both sides have left HTTP: only the idle limit counts. */
  tunnelled = false;
  /** Goes into the answer's head when the request waited for a cold start. */
  serverTiming: string | undefined;
  #cancelled: RequestError | undefined;
  #signal: CancelSignal | undefined;
  #onCancel: ((error: RequestError) => void) | undefined;
  #endings: Ending | undefined;

  constructor(inbound: Inbound, arrivedAt: Millis) {
    this.inbound = inbound;
    this.arrivedAt = arrivedAt;
  }

  /** Why the request must end now: the client went away, or a time limit passed. */
  get cancelled(): RequestError | undefined {
    return this.#cancelled;
  }

  /** Ends the request wherever it is. Only the first reason counts. */
  cancel(error: RequestError): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = error;
    this.#onCancel?.(error);
    this.#signal?.abort(error);
  }

  /**
   * What must be told of the end, the last one first. As `finally` would do it, but without an async function for
   * each step: together they would cost a request more than all else that the pipeline does.
   */
  atEnd(ending: Ending): void {
    ending.outer = this.#endings;
    this.#endings = ending;
  }

  /** Everything has been done for the request, or it has failed. */
  end(failure: RequestError | undefined): void {
    const last = this.#endings;
    this.#endings = undefined;
    for (let ending = last; ending !== undefined; ending = ending.outer) ending.ended(this, failure);
  }

  /** Whoever has the request in hand is told here of its cancellation, at once if that has been. */
  set onCancel(fn: ((error: RequestError) => void) | undefined) {
    this.#onCancel = fn;
    if (this.#cancelled !== undefined) fn?.(this.#cancelled);
  }

  /** The same for whoever waits for a pod; made when first asked for, as most requests never wait. */
  get signal(): WaitSignal {
    this.#signal ??= new CancelSignal(this.#cancelled);
    return this.#signal;
  }
}

/** As much of an `AbortSignal` as one listener needs: the real one is as large as all else that a request holds. */
class CancelSignal implements WaitSignal {
  reason: RequestError | undefined;
  #listener: { handleEvent(): void } | undefined;

  constructor(reason: RequestError | undefined) {
    this.reason = reason;
  }

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  addEventListener(_type: "abort", listener: { handleEvent(): void }): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  abort(reason: RequestError): void {
    this.reason = reason;
    this.#listener?.handleEvent();
  }
}
