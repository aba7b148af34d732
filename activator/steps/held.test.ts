import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Exchange } from "../exchange.ts";
import type { Inbound } from "../inbound.ts";
import { revisionOf } from "../../test/helpers/revision.ts";
import { HeldRequests, heldBytes } from "./held.ts";

const exchangeOf = (id: string, length: number | undefined, fields: readonly string[] = []): Exchange => {
  const inbound = { target: "/", fields, body: length === 0 ? undefined : { length } } as Inbound;
  const exchange = new Exchange(inbound, 0);
  exchange.revision = revisionOf({ id });
  return exchange;
};

test("a body counts as far as it can be read, one of unknown length as the longest", () => {
  const bare = heldBytes(exchangeOf("a/a", 0));
  expect(heldBytes(exchangeOf("a/a", 100)) - bare).toBe(100);
  expect(heldBytes(exchangeOf("a/a", 1e9)) - bare).toBe(65_536);
  expect(heldBytes(exchangeOf("a/a", undefined)) - bare).toBe(65_536);
  expect(heldBytes(exchangeOf("a/a", 0, ["name", "value"])) - bare).toBe(9);
});

test("never more than the bounds, and nothing is left when all have gone", () => {
  const limits = { maxHeld: 20, maxHeldBytes: 500_000, maxHeldBytesPerService: 200_000 };
  const step = fc.record({
    id: fc.constantFrom("a/a", "b/b", "c/c"),
    length: fc.nat(80_000),
    leave: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const held = new HeldRequests(limits);
      const inside: { id: string; bytes: number; place: Disposable }[] = [];
      for (const { id, length, leave } of steps) {
        if (leave === 0) inside.shift()?.place[Symbol.dispose]();
        const exchange = exchangeOf(id, length);
        const bytes = heldBytes(exchange);
        const sum = (of?: string) =>
          inside.filter((one) => of === undefined || one.id === of).reduce((all, one) => all + one.bytes, 0);
        const fits = inside.length < 20 && sum() + bytes <= 500_000 && sum(id) + bytes <= 200_000;
        if (fits) inside.push({ id, bytes, place: held.enter(exchange) });
        else expect(() => held.enter(exchange)).toThrow(/too many|as many/);
        expect([held.count, held.bytes]).toEqual([inside.length, sum()]);
      }
      for (const { place } of inside) place[Symbol.dispose]();
      expect([held.count, held.bytes]).toEqual([0, 0]);
    }),
  );
});
