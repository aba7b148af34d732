import * as fc from "fast-check";
import { expect, test } from "vitest";

import { publishedOf } from "./published.ts";

const activators = fc
  .uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 8 })
  .map((addresses) => addresses.map((address) => ({ address })));

test("never none, never more than allowed, and more only adds", () => {
  fc.assert(
    fc.property(activators, fc.string(), fc.nat(10), (fit, service, most) => {
      const some = publishedOf(service, fit, most);
      expect(some.length).toBe(Math.min(fit.length, Math.max(1, most)));
      expect(publishedOf(service, fit, most + 1)).toEqual(expect.arrayContaining([...some]));
    }),
  );
});

test("Services share the activators out", () => {
  const fit = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => ({ address }));
  const first = new Set(Array.from({ length: 50 }, (_, i) => publishedOf(`s${i}`, fit, 1)[0]!.address));
  expect(first.size).toBe(3);
});
