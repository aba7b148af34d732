import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Route } from "#core/ports.ts";
import type { Fields, Inbound } from "../inbound.ts";
import { AnswerText } from "./answer-text.ts";
import { fieldsIn, linesOf } from "./field-scan.ts";
import type { LaneBody } from "./lane-body.ts";
import type { LaneClient } from "./lane-client.ts";
import type { RequestHead } from "./request-head.ts";

/** A request that the lane has read, and its answer. */
export class LaneInbound implements Inbound {
  readonly head: RequestHead;
  readonly body: LaneBody | undefined;
  readonly expectsContinue = false;
  readonly upgrade = undefined;
  onDrain: (() => void) | undefined;
  /** Whether this answer is the connection's last one. */
  last: boolean;
  readonly client: LaneClient;
  /** Whoever answers calls `flush` whenever nothing follows at once; otherwise that is done here, a tick later. */
  flushedByHand = false;
  #flushing = false;
  #fields: Fields | undefined;
  #answer: AnswerText | undefined;

  constructor(head: RequestHead, body: LaneBody | undefined, client: LaneClient) {
    this.head = head;
    this.body = body;
    this.last = head.close;
    this.client = client;
  }

  get method(): string {
    return this.head.method;
  }

  get target(): string {
    return this.head.target;
  }

  get headBytes(): number {
    return this.head.size;
  }

  get host(): string {
    return this.head.host;
  }

  get peer(): string {
    return this.client.peer;
  }

  get route(): Route | undefined {
    return this.client.route;
  }

  get fields(): Fields {
    return (this.#fields ??= fieldsIn(this.head.text, this.head.scan));
  }

  /** As `node:http` has it: of several, most are joined, of some only the first counts. */
  field(name: string): string | undefined {
    const { text, scan } = this.head;
    const first = name.charCodeAt(0) & 31;
    let found: string | undefined;
    for (let span = scan.first; span !== undefined; span = span.next) {
      const { start, colon } = span;
      if (colon - start !== name.length || (text.charCodeAt(start) & 31) !== first) continue;
      if (text.slice(start, colon).toLowerCase() !== name) continue;
      const value = text.slice(span.value, span.end);
      if (name === "user-agent") return value;
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  get started(): boolean {
    return this.#answer !== undefined;
  }

  inform(status: number, fields: Fields): void {
    if (this.started) return;
    this.client.sendText(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n${linesOf(fields)}\r\n`);
  }

  start(status: number, reason: string, fields: Fields): void {
    const answer = this.#begin(status);
    const { lines, sized } = answer.read(fields);
    answer.begin(reason, lines, sized);
    this.#flushSoon();
  }

  /** The same with fields that are written already; `sized` when one of them is the body's length. */
  startWith(head: { readonly status: number; readonly reason: string }, lines: string, sized: boolean): void {
    this.#begin(head.status).begin(head.reason, lines, sized);
  }

  /** The chunk's memory may be used again as soon as this returns. */
  write(chunk: Uint8Array): boolean {
    this.#answer!.write(chunk as Buffer);
    this.#flushSoon();
    return this.client.flowing;
  }

  /** Sends what was held back so that it could go out in one piece with what follows. */
  flush(): void {
    this.#answer?.flush();
  }

  end(trailers: Fields): void {
    this.#answer!.end(trailers);
    this.client.answered();
  }

  tunnel(): Duplex {
    throw new Error("the lane takes no upgrades");
  }

  destroy(): void {
    this.client.destroy();
  }

  #flushSoon(): void {
    if (this.flushedByHand || this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      this.flush();
    });
  }

  #begin(status: number): AnswerText {
    this.last ||= this.client.closing;
    this.#answer = new AnswerText(this.client, { status, bodiless: this.method === "HEAD", last: this.last });
    return this.#answer;
  }
}
