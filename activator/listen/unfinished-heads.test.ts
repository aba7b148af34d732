import * as fc from "fast-check";
import { expect, test } from "vitest";
import { UnfinishedHeads } from "./unfinished-heads.ts";

const port = (): object => ({});

test("all ports together never have more than the bound, one never more than half, and nothing stays", () => {
  const ports = [port(), port(), port()];
  const step = fc.record({ at: fc.nat(8), bytes: fc.integer({ min: 1, max: 400 }), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const heads = new UnfinishedHeads(1000);
      const all = Array.from({ length: 9 }, (_, i) => ({
        port: i % 3,
        size: 0,
        head: heads.of(ports[i % 3]!),
      }));
      const sum = (of: typeof all) => of.reduce((total, { size }) => total + size, 0);
      for (const { at, bytes, ends } of steps) {
        const one = all[at]!;
        const here = sum(all.filter((other) => other.port === one.port));
        if (ends) {
          one.head.done();
          one.size = 0;
        } else {
          const room = sum(all) + bytes <= 1000 && here + bytes <= 500;
          expect(one.head.grow(bytes)).toBe(room);
          if (room) one.size += bytes;
        }
        expect(heads.total).toBe(sum(all));
      }
      for (const { head } of all) head.done();
      expect(heads.total).toBe(0);
      expect(heads.of(ports[0]!).grow(500)).toBe(true);
    }),
  );
});
