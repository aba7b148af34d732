import { kindIn } from "../forward/field-names.ts";
import { CR, LF, SPACE, valueByte, textOf } from "./bytes.ts";
import { FieldScan, SPAN, malformed, more } from "./field-scan.ts";

/** Where an answer's body ends (RFC 9112, 6.3). */
type BodyEnd = "none" | "length" | "chunks" | "close";

/** The head of a pod's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
  readonly scan: FieldScan;
  readonly fieldsAt: number;
  /** Bytes of the head. */
  readonly size: number;
  readonly body: BodyEnd;
  readonly length: number | undefined;
  /** The connection can carry another request behind this answer. */
  readonly keepAlive: boolean;
  /** Milliseconds that the pod says it keeps an idle connection; undefined when it does not say. */
  readonly idleMs: number | undefined;
  /** Of the fields only those of the connection end here, and what stays stands in no relation to the framing. */
  readonly usual: boolean;
}

const statusLine = /^HTTP\/1\.[01] [1-9]\d\d(?: |\r)/;

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
  if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[0] === SPACE) return malformed;
  const fieldsAt = at + 2;
  const scan = new FieldScan();
  const size = scan.scan(bytes, fieldsAt);
  // What can never become an answer is not waited for.
  if (size === more && !statusLine.test(bytes.toString("latin1", 0, fieldsAt))) return malformed;
  if (size < 0) return size as typeof more | typeof malformed;
  const text = textOf(bytes, 0, size);
  if (!statusLine.test(text)) return malformed;
  const known = new KnownFields();
  if (!known.read(text, scan.spans)) return malformed;
  const status = (bytes[9]! - 48) * 100 + (bytes[10]! - 48) * 10 + bytes[11]! - 48;
  const reason = text.slice(13, at);
  const body = known.bodyEnd(status, method);
  const keepAlive = bytes[7] === 49 && !known.close && body !== "close";
  const { length, usual, idleMs } = known;
  return {
    status,
    reason,
    text,
    scan,
    fieldsAt,
    size,
    body,
    length,
    keepAlive,
    idleMs,
    usual,
  };
};

const lengthForm = /^\d{1,15}$/;

/** The fields that decide about framing and the connection. */
class KnownFields {
  length: number | undefined;
  idleMs: number | undefined;
  close = false;
  usual = true;
  #chunked = false;

  /** False when the framing is not clear. */
  read(text: string, spans: readonly number[]): boolean {
    for (let i = 0; i < spans.length; i += SPAN) {
      const kind = kindIn(text, spans[i]!, spans[i + 1]!);
      if (kind === undefined) {
        // `Trailer`: whether it may stay depends on the framing.
        const length = spans[i + 1]! - spans[i]!;
        if (length === 7 && text.charCodeAt(spans[i]!) % 32 === 20) this.usual = false;
      } else if (kind === "content-length" || kind === "hop") {
        const name = text.slice(spans[i], spans[i + 1]).toLowerCase();
        if (!this.#take(name, text.slice(spans[i + 2], spans[i + 3]))) return false;
      }
    }
    return !(this.#chunked && this.length !== undefined);
  }

  bodyEnd(status: number, method: string): BodyEnd {
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
    if (this.#chunked) return "chunks";
    return this.length === undefined ? "close" : "length";
  }

  #take(name: string, value: string): boolean {
    switch (name) {
      case "content-length":
        if (this.length !== undefined || !lengthForm.test(value)) return false;
        this.length = Number(value);
        return true;
      case "transfer-encoding":
        if (this.#chunked || value.toLowerCase() !== "chunked") return false;
        this.#chunked = true;
        return true;
      case "connection":
        this.#connection(value.toLowerCase());
        return true;
      case "keep-alive":
        this.#keepAlive(value);
        return true;
      default:
        return true;
    }
  }

  #connection(value: string): void {
    if (value === "keep-alive") return;
    if (value !== "close") this.usual = false;
    this.close ||= value.split(",").some((option) => option.trim() === "close");
  }

  #keepAlive(value: string): void {
    const seconds = /timeout=(\d{1,6})/i.exec(value)?.[1];
    if (seconds !== undefined) this.idleMs = Number(seconds) * 1000;
  }
}
