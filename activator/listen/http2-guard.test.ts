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

test("control frames are counted between two requests", () => {
  const controls = (guard: Http2Guard, count: number) => {
    for (let i = 0; i < count; i++) guard.control();
  };
  expect(after((guard) => controls(guard, 500))).toBe(undefined);
  expect(after((guard) => controls(guard, 501))).toContain("flood");
  expect(
    after((guard) => {
      controls(guard, 400);
      guard.streamBegan();
      controls(guard, 400);
    }),
  ).toBe(undefined);
});
