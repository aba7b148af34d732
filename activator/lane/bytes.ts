/** Bytes as the lane reads them: which may stand where in a head (RFC 9110, 5.6.2 and 5.5; RFC 9112, 3.2.1): one look-up per byte. */

const tableOf = (accepts: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (accepts(byte) ? 1 : 0));

const tableOfText = (form: RegExp): Uint8Array => tableOf((byte) => form.test(String.fromCharCode(byte)));

/** Names of fields, and methods. */
export const nameByte = tableOfText(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);

/** Values of fields, and reasons: tab, what can be seen, spaces, and everything beyond ASCII. */
export const valueByte = tableOf((byte) => byte === 9 || (byte >= 32 && byte !== 127));

/** A target in origin form, behind its slash. A fragment has no place in one. */
export const targetByte = tableOf((byte) => byte > 32 && byte < 127 && byte !== 35);

/** What `listen/head-check.ts` lets a Host be made of. */
export const hostByte = tableOfText(/[\w.~!$&'()*+,;=:%[\]-]/);

/** Bytes as text, one character each, without the detour of `toString`. */
export const textOf = (bytes: Buffer, start = 0, end = bytes.length): string =>
  (bytes as Latin1Bytes).latin1Slice(start, end);

/** The number that stands between two places as 1 to 15 digits and nothing else; -1 when none does. */
export const digitsIn = (text: string, start: number, end: number): number => {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
};

/** Node has it, its types do not. */
interface Latin1Bytes extends Buffer {
  latin1Slice(start: number, end: number): string;
}

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const COLON = 58;
export const SEMICOLON = 59;
