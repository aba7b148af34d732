import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseSelector, sameSelector, selectorText } from "./selector.ts";

const label = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?$/);
const key = fc.oneof(
  label,
  fc.tuple(fc.domain(), label).map(([domain, name]) => `${domain}/${name}`),
);
const selector = fc.dictionary(key, fc.oneof(label, fc.constant("")), { minKeys: 1, maxKeys: 5 });

test("a selector survives its text", () => {
  fc.assert(
    fc.property(selector, (value) => {
      expect(parseSelector(selectorText(value))).toEqual({ ...value });
      expect(sameSelector(value, Object.fromEntries(Object.entries(value).toReversed()))).toBe(true);
    }),
  );
});

test.each(["", "hello", "a=b,", "=b", "a==b", "a in (b)", "a=b c=d", "{}", `${"k".repeat(64)}=v`])(
  "%j is no selector",
  (text) => {
    expect(parseSelector(text)).toBeUndefined();
  },
);

test("blanks do not matter, the order neither", () => {
  expect(parseSelector(" b = 2 , a=1 ")).toEqual({ a: "1", b: "2" });
  expect(selectorText({ b: "2", a: "1" })).toBe("a=1,b=2");
});
