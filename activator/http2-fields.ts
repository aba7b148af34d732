import type { OutgoingHttpHeaders } from "node:http2";
import type { Fields } from "./inbound.ts";

const nameForm = /^[\w!#$%&'*+.^`|~-]+$/;
// node joins names and values by NUL on their way to nghttp2: one inside a value would begin another field.
// oxlint-disable-next-line no-control-regex
const valueForm = /^[^\0\r\n]*$/;

/** As node says it of a field that it refuses to write in HTTP/1.1. */
export const unwritable = (what: string): Error =>
  Object.assign(new Error(`${what} cannot be written`), { code: "ERR_INVALID_CHAR" });

/** Fields as HTTP/2 has them: names in lower case. Throws where one cannot be written. */
export const lowerFields = (fields: Fields): string[] => {
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!.toLowerCase();
    const value = fields[i + 1]!;
    if (!nameForm.test(name) || !valueForm.test(value)) {
      throw unwritable(`the field ${JSON.stringify(name)}`);
    }
    out.push(name, value);
  }
  return out;
};

/** Fields as an object, with lists where a name comes several times: trailers can be sent in no other form. */
export const fieldsObject = (fields: Fields): OutgoingHttpHeaders => {
  const out: Record<string, string[]> = {};
  for (let i = 0; i < fields.length; i += 2) (out[fields[i]!.toLowerCase()] ??= []).push(fields[i + 1]!);
  return out;
};
