import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { LogGate } from "./log-gate.ts";

test("one line per key and second, which says how many were held back", async () => {
  const clock = new FakeClock();
  const gate = new LogGate(clock);
  expect([gate.pass("a"), gate.pass("a"), gate.pass("b"), gate.pass("a")]).toEqual([
    0,
    undefined,
    0,
    undefined,
  ]);
  await clock.advance(1000);
  expect([gate.pass("a"), gate.pass("b")]).toEqual([2, 0]);
});

test("endless keys do not pile up", () => {
  const gate = new LogGate(new FakeClock());
  for (let i = 0; i < 5000; i++) expect(gate.pass(`key ${i}`)).toBe(0);
  expect(gate.pass("key 4999")).toBe(undefined);
});
