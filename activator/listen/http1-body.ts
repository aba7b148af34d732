import type { IncomingMessage } from "node:http";
import type { Fields, RequestBody } from "../inbound.ts";

/** The body of a request on `node:http`. At most one stream buffer of it (64 KiB) is ever held here. */
export class Http1Body implements RequestBody {
  readonly length: number | undefined;
  readonly #request: IncomingMessage;
  #listening = false;
  #discarded = false;
  #wake: (() => void) | undefined;

  constructor(request: IncomingMessage, length: number | undefined) {
    this.#request = request;
    this.length = length;
  }

  /** The parser hands over the body behind the head in the same turn: what was sent at once has begun. */
  get begun(): boolean {
    return this.#request.readableLength > 0;
  }

  get complete(): boolean {
    return this.#request.complete;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const request = this.#request;
    this.#listen();
    while (!this.#discarded) {
      const chunk = request.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (request.readableEnded) return;
      if (request.destroyed) throw request.errored ?? new Error("the client went away");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  trailers(): Fields {
    return this.#request.rawTrailers;
  }

  /** Nobody wants the rest: whoever reads is let go, the bytes that still come are thrown away, then `onEnd`. */
  discard(onEnd: () => void): void {
    if (this.#discarded) return;
    this.#discarded = true;
    this.#request.off("readable", this.#onChange);
    this.#onChange();
    this.#request.once("end", onEnd);
    this.#request.resume();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const event of ["readable", "end", "close"]) this.#request.on(event, this.#onChange);
    this.#request.on("error", this.#onChange);
  }

  readonly #onChange = (): void => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };
}
