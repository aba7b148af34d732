import { expect, test } from "vitest";
import { Http2Guard } from "./http2-guard.ts";

const after = (act: (guard: Http2Guard) => void): string | undefined => {
  const guard = new Http2Guard();
  act(guard);
  return guard.abuse;
};
const streams = (guard: Http2Guard, count: number, resets: number, ageMs: number): void => {
  for (let i = 0; i < count; i++) guard.streamBegan();
  for (let i = 0; i < resets; i++) guard.streamReset(ageMs);
};

test.each([
  ["many requests, none reset", 10_000, 0, 0, undefined],
  ["a client that cancels everything, but late", 500, 500, 5000, undefined],
  ["a client that cancels a third at once", 900, 300, 1, undefined],
  ["a hundred resets are free", 100, 100, 1, undefined],
  ["all reset at once", 101, 101, 1, expect.stringContaining("reset")],
])("%s", (_, ...[count, resets, ageMs, abuse]) => {
  expect(after((guard) => streams(guard, count, resets, ageMs))).toEqual(abuse);
});

test("control frames may come in a burst, or ten a second for ever", () => {
  const controls = (count: number, everyMs: number) =>
    after((guard) => {
      for (let i = 0; i < count; i++) guard.control(1e12 + i * everyMs);
    });
  expect(controls(500, 0)).toBe(undefined);
  expect(controls(501, 0)).toContain("flood");
  expect(controls(100_000, 100)).toBe(undefined);
  expect(controls(100_000, 50)).toContain("flood");
});
