import { kindIn } from "../forward/field-names.ts";
import { CR, LF, SPACE, digitsIn, valueByte, textOf } from "./bytes.ts";
import { FieldScan, type Span, malformed, more } from "./field-scan.ts";

/** Where an answer's body ends (RFC 9112, 6.3). */
type BodyEnd = "none" | "length" | "chunks" | "close";

/**
 * Reads the head of an answer to `method` from the beginning of `bytes`; `more` when it is not there in full,
 * `malformed` when it is not plain HTTP/1.
 */
export const readAnswerHead = (
  bytes: Buffer,
  method: string,
): AnswerHead | typeof more | typeof malformed => {
  let at = 0;
  while (valueByte[bytes[at]!] === 1) at++;
  if (at + 1 >= bytes.length) return more;
  if (bytes[at] !== CR || bytes[at + 1] !== LF) return malformed;
  // What can never become an answer is not waited for.
  if (!isStatusLine(bytes)) return malformed;
  const scan = new FieldScan();
  const size = scan.scan(bytes, at + 2);
  if (size < 0) return size as typeof more | typeof malformed;
  const head = new AnswerHead(textOf(bytes, 0, size), at, scan);
  return head.read(method) ? head : malformed;
};

const protocol = Buffer.from("HTTP/1.");
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** `HTTP/1.0` or `1.1`, a status of three digits that is not below 100, then a reason or nothing. */
const isStatusLine = (bytes: Buffer): boolean => {
  for (let i = 0; i < protocol.length; i++) if (bytes[i] !== protocol[i]) return false;
  if ((bytes[7] !== 48 && bytes[7] !== 49) || bytes[8] !== SPACE) return false;
  if (!isDigit(bytes[9]!) || bytes[9] === 48 || !isDigit(bytes[10]!) || !isDigit(bytes[11]!)) return false;
  return bytes[12] === SPACE || bytes[12] === CR;
};

/** The head of a pod's answer. */
export class AnswerHead {
  readonly text: string;
  readonly scan: FieldScan;
  readonly status: number;
  readonly reason: string;
  /** Where the fields begin in `text`. */
  readonly fieldsAt: number;
  body: BodyEnd = "none";
  length: number | undefined;
  /** The connection can carry another request behind this answer. */
  keepAlive = false;
  /** Milliseconds that the pod says it keeps an idle connection; undefined when it does not say. */
  idleMs: number | undefined;
  /** Of the fields only those of the connection end here, and what stays stands in no relation to the framing. */
  usual = true;
  #close = false;
  #chunked = false;

  constructor(text: string, lineEnd: number, scan: FieldScan) {
    this.text = text;
    this.scan = scan;
    this.status = digitsIn(text, 9, 12);
    this.reason = text.slice(13, lineEnd);
    this.fieldsAt = lineEnd + 2;
  }

  /** Bytes of the head. */
  get size(): number {
    return this.text.length;
  }

  /** Looks at the fields that decide about framing and the connection: false when the framing is not clear. */
  read(method: string): boolean {
    for (let span = this.scan.first; span !== undefined; span = span.next) {
      const kind = kindIn(this.text, span.start, span.colon);
      span.kind = kind;
      if (kind === "content-length") {
        if (!this.#length(span)) return false;
      } else if (kind === "hop") {
        if (!this.#hop(span)) return false;
        // Of which the framing decides if it stays.
      } else if (kind === "trailer") this.usual = false;
    }
    if (this.#chunked && this.length !== undefined) return false;
    this.body = this.#bodyEnd(method);
    this.keepAlive = this.text.charCodeAt(7) === 49 && !this.#close && this.body !== "close";
    return true;
  }

  #bodyEnd(method: string): BodyEnd {
    const { status } = this;
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
    if (this.#chunked) return "chunks";
    return this.length === undefined ? "close" : "length";
  }

  #length({ value, end }: Span): boolean {
    if (this.length !== undefined) return false;
    const length = digitsIn(this.text, value, end);
    if (length < 0) return false;
    this.length = length;
    return true;
  }

  #hop({ start, colon, value, end }: Span): boolean {
    const content = this.text.slice(value, end);
    switch (this.text.slice(start, colon).toLowerCase()) {
      case "transfer-encoding":
        if (this.#chunked || content.toLowerCase() !== "chunked") return false;
        this.#chunked = true;
        return true;
      case "connection":
        this.#connection(content.toLowerCase());
        return true;
      case "keep-alive":
        this.#keepAlive(content);
        return true;
      default:
        return true;
    }
  }

  #connection(value: string): void {
    if (value === "keep-alive") return;
    if (value !== "close") this.usual = false;
    this.#close ||= value.split(",").some((option) => option.trim() === "close");
  }

  #keepAlive(value: string): void {
    const seconds = /timeout=(\d{1,6})/i.exec(value)?.[1];
    if (seconds !== undefined) this.idleMs = Number(seconds) * 1000;
  }
}
