import { textOf } from "./bytes.ts";
import { blockSize } from "./blocks.ts";
import type { Fields } from "../inbound.ts";
import { linesOf } from "./field-scan.ts";
import type { LaneClient } from "./lane-client.ts";

/** Up to here pieces are put together into one text: one call, one packet. */
const small = 16_000;

/** Puts an answer on the wire: head, body, chunks where there is no length. */
export class AnswerText {
  readonly #client: LaneClient;
  readonly #status: number;
  /** There is no body, whatever the fields say. */
  readonly #bodiless: boolean;
  readonly #last: boolean;
  #chunked = false;
  #held = "";

  constructor(
    client: LaneClient,
    answer: { readonly status: number; readonly bodiless: boolean; readonly last: boolean },
  ) {
    this.#client = client;
    this.#status = answer.status;
    this.#bodiless = answer.bodiless || answer.status === 204 || answer.status === 304;
    this.#last = answer.last;
  }

  /** `Trailer` goes where no trailers can follow. */
  read(fields: Fields): { readonly lines: string; readonly sized: boolean } {
    let trailer = false;
    let sized = false;
    for (let i = 0; i < fields.length; i += 2) {
      const { length } = fields[i]!;
      if (length === 7 && fields[i]!.toLowerCase() === "trailer") trailer = true;
      else if (length === 14 && fields[i]!.toLowerCase() === "content-length") sized = true;
    }
    const useless = trailer && (sized || this.#bodiless);
    return { lines: linesOf(useless ? fields.filter(notTrailer) : fields), sized };
  }

  begin(reason: string, lines: string, sized: boolean): void {
    this.#chunked = !sized && !this.#bodiless;
    const connection = this.#last ? "Connection: close\r\n" : "Connection: keep-alive\r\n";
    const coding = this.#chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
    this.#held = `HTTP/1.1 ${this.#status} ${reason}\r\n${lines}${connection}${coding}`;
  }

  /** The chunk's memory may be used again at once. */
  write(chunk: Buffer): void {
    if (this.#bodiless || chunk.length === 0) return;
    if (this.#chunked) this.#held += `${chunk.length.toString(16)}\r\n`;
    if (chunk.length + this.#held.length <= small) this.#held += textOf(chunk);
    else {
      this.flush();
      for (let at = 0; at < chunk.length; at += blockSize)
        this.#client.sendCopy(chunk.subarray(at, at + blockSize));
    }
    if (this.#chunked) this.#held += "\r\n";
  }

  flush(): void {
    if (this.#held === "") return;
    const text = this.#held;
    this.#held = "";
    this.#client.sendText(text);
  }

  end(trailers: Fields): void {
    if (this.#chunked) this.#held += `0\r\n${linesOf(trailers)}\r\n`;
    this.flush();
  }
}

function notTrailer(this: void, _: string, i: number, fields: Fields): boolean {
  return fields[i & ~1]!.toLowerCase() !== "trailer";
}
