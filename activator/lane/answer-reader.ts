import { type AnswerHead, readAnswerHead } from "./answer-head.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { malformed, more } from "./field-scan.ts";

/** Who is told what a pod answers. Memory of data may be used again as soon as the call returns. */
export interface AnswerSink {
  onInform(head: AnswerHead): void;
  onHead(head: AnswerHead): void;
  onData(data: Buffer): void;
  onEnd(trailers: readonly string[]): void;
}

const none: readonly string[] = [];

/** Reads one answer as it comes, in any pieces. */
export class AnswerReader {
  head: AnswerHead | undefined;
  done = false;
  readonly #method: string;
  readonly #maxHeadBytes: number;
  readonly #sink: AnswerSink;
  #partial: Buffer | undefined;
  #missing = 0;
  #chunks: ChunkReader | undefined;

  constructor(method: string, maxHeadBytes: number, sink: AnswerSink) {
    this.#method = method;
    this.#maxHeadBytes = maxHeadBytes;
    this.#sink = sink;
  }

  /** What is wrong with what has come; undefined when nothing is. */
  read(bytes: Buffer): string | undefined {
    return this.head === undefined ? this.#readHead(bytes) : this.#readBody(bytes);
  }

  /** The pod has closed its side: true when that was the end of the answer. */
  end(): boolean {
    if (this.head?.body !== "close" || this.done) return false;
    this.#finish(none);
    return true;
  }

  #readHead(bytes: Buffer): string | undefined {
    const all = this.#partial === undefined ? bytes : Buffer.concat([this.#partial, bytes]);
    const head = readAnswerHead(all, this.#method);
    if (head === malformed) return "the head is not plain HTTP/1";
    if ((head === more ? all.length : head.size) > this.#maxHeadBytes) return "the head is too large";
    if (head === more) {
      this.#partial = this.#partial === undefined ? Buffer.from(bytes) : all;
      return undefined;
    }
    this.#partial = undefined;
    const rest = all.subarray(head.size);
    if (head.status >= 200) return this.#begin(head, rest);
    if (head.status === 101) return "bad upgrade";
    this.#sink.onInform(head);
    return rest.length === 0 ? undefined : this.#readHead(rest);
  }

  #begin(head: AnswerHead, rest: Buffer): string | undefined {
    this.head = head;
    this.#missing = head.length ?? 0;
    if (head.body === "chunks") this.#chunks = new ChunkReader();
    this.#sink.onHead(head);
    if (head.body === "none" || (head.body === "length" && this.#missing === 0))
      return this.#finish(none, rest);
    return rest.length === 0 ? undefined : this.#readBody(rest);
  }

  #readBody(bytes: Buffer): string | undefined {
    if (this.done) return "bytes that no request asked for";
    const { body } = this.head!;
    if (body === "chunks") return this.#readChunks(bytes);
    const mine = body === "length" && bytes.length > this.#missing ? bytes.subarray(0, this.#missing) : bytes;
    this.#sink.onData(mine);
    this.#missing -= mine.length;
    if (body === "length" && this.#missing === 0) return this.#finish(none, bytes.subarray(mine.length));
    return undefined;
  }

  #readChunks(bytes: Buffer): string | undefined {
    const chunks = this.#chunks!;
    const used = chunks.read(bytes, (data) => this.#sink.onData(data));
    if (used === malformed) return "the chunks of the body are malformed";
    return chunks.done ? this.#finish(chunks.trailers, bytes.subarray(used)) : undefined;
  }

  /** What is behind the end makes the connection useless, but not the answer. */
  #finish(trailers: readonly string[], rest?: Buffer): undefined {
    this.done = true;
    this.surplus = rest !== undefined && rest.length > 0;
    this.#sink.onEnd(trailers);
  }

  surplus = false;
}
