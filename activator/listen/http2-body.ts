import type { ServerHttp2Stream } from "node:http2";
import type { Fields, RequestBody } from "../inbound.ts";

/** The body of a request on an HTTP/2 stream: the client may send as much as the stream's window before it is read. */
export class Http2Body implements RequestBody {
  readonly length: number | undefined;
  readonly #stream: ServerHttp2Stream;
  #listening = false;
  #discarded = false;
  #trailers: Fields = [];
  #wake: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, length: number | undefined) {
    this.#stream = stream;
    this.length = length;
    stream.on("trailers", (_headers: unknown, _flags: unknown, raw: string[]) => (this.#trailers = raw));
  }

  get begun(): boolean {
    return this.#stream.readableLength > 0;
  }

  get complete(): boolean {
    return this.#stream.readableEnded;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const stream = this.#stream;
    this.#listen();
    while (!this.#discarded) {
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (stream.rstCode !== undefined && stream.rstCode !== 0)
        throw new Error("the client reset the stream");
      if (stream.readableEnded) return;
      if (stream.destroyed) throw new Error("the client went away");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  trailers(): Fields {
    return this.#trailers;
  }

  /** Nobody wants the rest: whoever reads is let go, and the bytes that still come are thrown away. */
  discard(): void {
    this.#discarded = true;
    for (const event of ["readable", "end", "close"]) this.#stream.off(event, this.#onChange);
    this.#onChange();
    this.#stream.resume();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const event of ["readable", "end", "close"]) this.#stream.on(event, this.#onChange);
  }

  readonly #onChange = (): void => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };
}
