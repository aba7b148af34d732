import { kindIn } from "../forward/field-names.ts";
import { SPACE, digitsIn, hostByte, nameByte, targetByte, textOf } from "./bytes.ts";
import { FieldScan, type Span } from "./field-scan.ts";

/** Methods whose meaning and framing hold no surprise, the usual one first. */
const methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"];
const version = " HTTP/1.1\r\n";
const maxFields = 100;

/**
 * Reads a head from the beginning of `bytes`. undefined for whatever is not there in full, not plainly valid or not
 * usual: that is for the general engine, which reads the same bytes again and decides (ADR 0015). So everything here
 * may be stricter than it, and nothing more lenient.
 */
export const readRequestHead = (bytes: Buffer, maxBytes: number): RequestHead | undefined => {
  let at = 0;
  while (nameByte[bytes[at]!] === 1) at++;
  const methodEnd = at;
  // A slash comes first: neither `*` nor a URL is looked at here.
  if (bytes[at] !== SPACE || bytes[at + 1] !== 47) return undefined;
  at++;
  while (targetByte[bytes[at]!] === 1) at++;
  const scan = new FieldScan();
  const size = scan.scan(bytes, at + version.length);
  if (size < 0 || size > maxBytes || scan.count > maxFields) return undefined;
  const text = textOf(bytes, 0, size);
  const method = methodIn(text, methodEnd);
  if (method === undefined || !text.startsWith(version, at)) return undefined;
  const head = new RequestHead(text, scan, method, text.slice(methodEnd + 1, at));
  return head.read() ? head : undefined;
};

const methodIn = (text: string, end: number): string | undefined => {
  for (const method of methods) if (method.length === end && text.startsWith(method)) return method;
  return undefined;
};

/** A request's head that the lane understands completely. */
export class RequestHead {
  readonly method: string;
  readonly target: string;
  /** The head as text, one character per byte. */
  readonly text: string;
  /** A field that is `dropped` is none that a pod gets: `Connection`, and a length of 0. */
  readonly scan: FieldScan;
  host = "";
  /** undefined when it is not declared. */
  length: number | undefined;
  /** The client wants no further answer on this connection. */
  close = false;
  /** No field is rewritten. */
  usual = true;
  #connections = 0;

  constructor(text: string, scan: FieldScan, method: string, target: string) {
    this.text = text;
    this.scan = scan;
    this.method = method;
    this.target = target;
  }

  /** Bytes of the head. */
  get size(): number {
    return this.text.length;
  }

  /**
   * Looks at the fields that decide about framing, routing and the connection: false when one of them is missing,
   * repeated, or not for the lane.
   */
  read(): boolean {
    for (let span = this.scan.first; span !== undefined; span = span.next) {
      const kind = kindIn(this.text, span.start, span.colon);
      if (kind === undefined) continue;
      span.kind = kind;
      if (!this.#take(span)) return false;
      span.dropped = kind === "hop" || (kind === "content-length" && this.length === 0);
    }
    return this.host !== "";
  }

  #take(span: Span): boolean {
    switch (span.kind!) {
      case "host":
        if (this.host !== "" || !isHost(this.text, span)) return false;
        this.host = this.text.slice(span.value, span.end);
        return true;
      case "content-length":
        return this.length === undefined && this.#length(span);
      case "hop":
        return this.#connection(span);
      case "te":
      case "trailer":
      case "own":
      case "x-forwarded-for":
      case "x-forwarded-host":
      case "x-forwarded-proto":
      case "forwarded":
        this.usual = false;
        return true;
    }
  }

  /** Written in one way only: no zeros in front. */
  #length({ value, end }: Span): boolean {
    const length = digitsIn(this.text, value, end);
    if (length < 0 || (this.text.charCodeAt(value) === 48 && end - value > 1)) return false;
    this.length = length;
    return true;
  }

  /** Of the fields of one connection only `Connection` itself is known here. */
  #connection({ start, colon, value, end }: Span): boolean {
    if (colon - start !== 10 || this.text.slice(start, colon).toLowerCase() !== "connection") return false;
    if (++this.#connections > 1) return false;
    const wish = this.text.slice(value, end).toLowerCase();
    this.close = wish === "close";
    return this.close || wish === "keep-alive";
  }
}

const isHost = (text: string, { value, end }: Span): boolean => {
  for (let i = value; i < end; i++) if (hostByte[text.charCodeAt(i)] !== 1) return false;
  return end > value;
};
