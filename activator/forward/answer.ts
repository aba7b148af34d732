import type { Clock } from "#core/clock.ts";
import type { Exchange } from "../exchange.ts";
import type { Fields } from "../inbound.ts";
import { answerFields, checkCoding } from "./answer-fields.ts";
import { trailerFields } from "./request-fields.ts";

/**
 * A client that does not read could be sent any number of them, and they would pile up here: there is nothing in
 * them to hold the pod by. No application has use for so many.
 */
export const mostInformed = 100;

/** The way of a pod's answer to the client, the same for every engine. */
export class Answer {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #timed: boolean;
  #informed = 0;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#timed = (exchange.revision?.idleTimeoutMs ?? 0) > 0;
    this.touch();
  }

  /** The pod has shown life. The clock is read only where a time limit depends on it. */
  touch(): void {
    if (this.#timed) this.#exchange.podActiveAt = this.#clock.now();
  }

  inform(status: number, fields: Fields): void {
    this.touch();
    if (status !== 101 && ++this.#informed <= mostInformed)
      this.#exchange.inbound.inform(status, answerFields(fields));
  }

  /** Throws when a field cannot be written, or the body is in a coding that is not understood. */
  start(status: number, reason: string, fields: Fields): void {
    this.touch();
    const exchange = this.#exchange;
    checkCoding(fields);
    exchange.inbound.start(status, reason, answerFields(fields, exchange.serverTiming));
    exchange.status = status;
  }

  /** False asks the engine to hold the pod until `inbound.onDrain` is called. */
  data(chunk: Uint8Array): boolean {
    this.touch();
    const more = this.#exchange.inbound.write(chunk);
    this.#exchange.held = !more;
    return more;
  }

  drained(): void {
    this.#exchange.held = false;
    this.touch();
  }

  end(trailers: Fields): void {
    this.#exchange.inbound.end(trailerFields(trailers));
  }
}
