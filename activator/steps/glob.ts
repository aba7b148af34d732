/** Whether a text matches. */
export type Matcher = (text: string) => boolean;

/** A longer text is not looked at, and does not match: what is matched is a client's, and so is its length. */
const LONGEST = 2048;

/**
 * A glob in which `*` stands for any text and nothing else is special. Its parts are looked for from left to right
 * and never again, so that no pattern and no text can make it slow, as regular expressions can.
 */
export const globMatcher = (glob: string): Matcher => {
  const [first = "", ...parts] = glob.split("*");
  const last = parts.pop();
  if (last === undefined) return (text) => text === glob;
  return (text) => {
    if (text.length > LONGEST || text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
};

/** Whether any of several globs matches. */
export const anyGlob = (globs: readonly string[]): Matcher => {
  const matchers = globs.map(globMatcher);
  return (text) => matchers.some((matches) => matches(text));
};
