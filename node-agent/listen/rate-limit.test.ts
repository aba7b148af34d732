import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { RateLimit } from "./rate-limit.ts";

test("a burst at once, then so many a second", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, { perSecond: 10, burst: 3 });
  const take = (n: number): boolean[] => Array.from({ length: n }, () => limit.take());
  expect(take(4)).toEqual([true, true, true, false]);
  await clock.advance(100);
  expect(take(2)).toEqual([true, false]);
  await clock.advance(60_000);
  expect(take(4)).toEqual([true, true, true, false]);
});
