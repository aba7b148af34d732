/** The annotation that keeps a Service's selector, and its text. */
import { compareUtf8 } from "../utf8-order.ts";

/** Where the user's selector is kept while Pilotlight routes for the Service. */
export const SELECTOR = "pilotlight.dev/selector";

export type Selector = Readonly<Record<string, string>>;

/** `app=hello,tier=web`, keys sorted by their bytes: the form that `kubectl get -l` takes. */
export const selectorText = (selector: Selector): string =>
  Object.entries(selector)
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

/** The selector of such a text; undefined when it is none, or empty. Blanks around the parts do not matter. */
export const parseSelector = (text: string): Selector | undefined => {
  const pairs = text.split(",").map((part) => PAIR.exec(part.trim()));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
};

/** A label key, with a DNS prefix or without, and a label value, which may be empty. */
const PAIR =
  /^((?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)\s*=\s*((?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?)$/;

export const sameSelector = (a: Selector, b: Selector): boolean => selectorText(a) === selectorText(b);
