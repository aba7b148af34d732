import type { FieldKind } from "../forward/field-names.ts";
import type { Fields } from "../inbound.ts";
import { COLON, CR, LF, SPACE, TAB, nameByte, valueByte } from "./bytes.ts";

/** What a scan comes to, where it does not come to the end of the fields. */
export const more = -1;
export const malformed = -2;

/**
 * Where one field of a head stands in the head's text. A list of objects, not an array of numbers: V8 comes to make
 * arrays that many requests hold for a moment in its old generation, where each keeps its head until the next big
 * collection.
 */
export class Span {
  readonly start: number;
  readonly colon: number;
  /** Where its value begins and ends. */
  readonly value: number;
  readonly end: number;
  next: Span | undefined;
  /** Set by whoever has looked at the name. */
  kind: FieldKind | undefined;
  /** It ends here. */
  dropped = false;

  constructor(start: number, colon: number, value: number, end: number) {
    this.start = start;
    this.colon = colon;
    this.value = value;
    this.end = end;
  }
}

/** The fields of one head: read byte by byte with a strict grammar, kept as places in the head's text. */
export class FieldScan {
  first: Span | undefined;
  count = 0;
  #last: Span | undefined;
  /** Every field is written `Name: value`, as we write it: then it can be copied as it stands. */
  plain = true;

  /** Reads fields from `at` on; the place behind the empty line that ends them, or `more`, or `malformed`. */
  scan(bytes: Uint8Array, from: number): number {
    let at = from;
    while (bytes[at] !== CR) {
      at = this.#field(bytes, at);
      if (at < 0) return at;
    }
    if (at + 1 >= bytes.length) return more;
    return bytes[at + 1] === LF ? at + 2 : malformed;
  }

  #field(bytes: Uint8Array, start: number): number {
    let at = start;
    while (nameByte[bytes[at]!] === 1) at++;
    const colon = at;
    if (at >= bytes.length) return more;
    if (bytes[at] !== COLON || at === start) return malformed;
    at++;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    const value = at;
    while (valueByte[bytes[at]!] === 1) at++;
    if (at + 1 >= bytes.length) return more;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return malformed;
    let end = at;
    while (end > value && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    if (end !== at || value !== colon + 2 || bytes[colon + 1] !== SPACE) this.plain = false;
    this.#add(new Span(start, colon, value, end));
    return at + 2;
  }

  #add(span: Span): void {
    if (this.#last === undefined) this.first = span;
    else this.#last.next = span;
    this.#last = span;
    this.count++;
  }
}

/** Names and values in turn. */
export const fieldsIn = (text: string, scan: FieldScan): string[] => {
  const out: string[] = [];
  for (let span = scan.first; span !== undefined; span = span.next)
    out.push(text.slice(span.start, span.colon), text.slice(span.value, span.end));
  return out;
};

/** The lines of fields, each with its end. */
export const linesOf = (fields: Fields): string => {
  let lines = "";
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
};
