import { kindIn } from "../forward/field-names.ts";
import { SPACE, hostByte, nameByte, targetByte, textOf } from "./bytes.ts";
import { FieldScan, SPAN } from "./field-scan.ts";

/** A request's head that the lane understands completely. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** The head as text, one character per byte. */
  readonly text: string;
  readonly scan: FieldScan;
  /** Where the fields begin in `text`. */
  readonly fieldsAt: number;
  /** Bytes of the head. */
  readonly size: number;
  /** undefined when it is not declared. */
  readonly length: number | undefined;
  /** The client wants no further answer on this connection. */
  readonly close: boolean;
  /** No field is rewritten; those that end here are in `dropped`. */
  readonly usual: boolean;
  /** Where in the scan's spans a field stands that a pod does not get: `Connection`, and a length of 0. */
  readonly dropped: readonly number[];
}

/** Methods whose meaning and framing hold no surprise. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);
const version = " HTTP/1.1\r\n";
const maxFields = 100;
const lengthForm = /^(?:0|[1-9]\d{0,14})$/;

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
  const fieldsAt = at + version.length;
  const scan = new FieldScan();
  const size = scan.scan(bytes, fieldsAt);
  if (size < 0 || size > maxBytes || scan.spans.length > maxFields * SPAN) return undefined;
  const text = textOf(bytes, 0, size);
  const method = text.slice(0, methodEnd);
  if (!methods.has(method) || !text.startsWith(version, at)) return undefined;
  const known = new KnownFields();
  if (!known.read(text, scan.spans)) return undefined;
  const { host, length, close, usual, dropped } = known;
  const target = text.slice(methodEnd + 1, at);
  return { method, target, host, text, scan, fieldsAt, size, length, close, usual, dropped };
};

/** The fields that decide about framing, routing and the connection. */
class KnownFields {
  host = "";
  length: number | undefined;
  close = false;
  usual = true;
  readonly dropped: number[] = [];
  #connections = 0;

  /** False when one of them is missing, repeated, or not for the lane. */
  read(text: string, spans: readonly number[]): boolean {
    for (let i = 0; i < spans.length; i += SPAN) {
      const kind = kindIn(text, spans[i]!, spans[i + 1]!);
      if (kind === undefined) continue;
      const value = text.slice(spans[i + 2], spans[i + 3]);
      if (!this.#take(kind, text.slice(spans[i], spans[i + 1]), value)) return false;
      if (kind === "hop" || (kind === "content-length" && this.length === 0)) this.dropped.push(i);
    }
    return this.host !== "";
  }

  #take(kind: NonNullable<ReturnType<typeof kindIn>>, name: string, value: string): boolean {
    switch (kind) {
      case "host":
        if (this.host !== "" || !isHost(value)) return false;
        this.host = value;
        return true;
      case "content-length":
        if (this.length !== undefined || !lengthForm.test(value)) return false;
        this.length = Number(value);
        return true;
      case "hop":
        return name.length === 10 && name.toLowerCase() === "connection" && this.#connection(value);
      case "te":
      case "own":
      case "x-forwarded-for":
      case "x-forwarded-host":
      case "x-forwarded-proto":
      case "forwarded":
        this.usual = false;
        return true;
    }
  }

  #connection(value: string): boolean {
    if (++this.#connections > 1) return false;
    const wish = value.toLowerCase();
    this.close = wish === "close";
    return this.close || wish === "keep-alive";
  }
}

const isHost = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) if (hostByte[value.charCodeAt(i)] !== 1) return false;
  return value !== "";
};
