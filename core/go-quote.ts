/** `strconv.Quote`: double quotes, and an escape for whatever is not printable. */
export const goQuote = (text: string): string => {
  let quoted = '"';
  for (const char of text) quoted += escaped(char);
  return `${quoted}"`;
};

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const escaped = (char: string): string => {
  const short = SHORT[char];
  if (short !== undefined) return short;
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  // Half a surrogate pair cannot come from UTF-8; Go would see U+FFFD.
  if (code >= 0xd800 && code <= 0xdfff) return "\uFFFD";
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
};

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
