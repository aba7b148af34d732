/** Labels that pods must carry, all of them. */
export type Selector = Readonly<Record<string, string>>;

const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Writes a selector as `key=value,key=value`, sorted: labels can hold neither of the two signs. */
export const formatSelector = (selector: Selector): string =>
  Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");

/** Reads what `formatSelector` wrote; undefined when it is empty or not made of labels. */
export const readSelector = (text: string): Selector | undefined => {
  const selector = new Map<string, string>();
  for (const part of text.split(",")) {
    const [key = "", value, ...rest] = part.split("=");
    if (value === undefined || rest.length > 0 || selector.has(key)) return undefined;
    if (!isLabelKey(key) || !LABEL_VALUE.test(value)) return undefined;
    selector.set(key, value);
  }
  return Object.fromEntries(selector);
};

const isLabelKey = (key: string): boolean => {
  const [name = "", prefix, ...rest] = key.split("/").toReversed();
  return rest.length === 0 && LABEL_NAME.test(name) && (prefix === undefined || LABEL_PREFIX.test(prefix));
};
