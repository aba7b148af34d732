/** Orders text as Go does, by its UTF-8 bytes; JavaScript's own order differs beyond U+FFFF. */
export const compareUtf8 = (a: string, b: string): number => {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  let i = 0;
  while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shorter) return a.length - b.length;
  return weight(a.charCodeAt(i)) - weight(b.charCodeAt(i));
};

/** Surrogates stand for code points above every other UTF-16 unit. */
const weight = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
