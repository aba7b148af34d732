import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

test("waits grow by 1.3 from 100 ms for 20 steps, and rounds repeat for ever", () => {
  const backoff = new Backoff(() => 0);
  const round = Array.from({ length: 20 }, () => backoff.next());
  expect(round.slice(0, 4).map((ms) => Math.round(ms * 1000) / 1000)).toEqual([100, 130, 169, 219.7]);
  expect(Math.round(round[19]!)).toBe(14_619);
  expect(backoff.next()).toBe(100);
});

test("jitter adds up to half as much again", () => {
  expect(new Backoff(() => 0.999_999).next()).toBeCloseTo(150, 3);
  expect(new Backoff(() => 0.5).next()).toBeCloseTo(125, 9);
});

test("a connection that was made starts the waits afresh", () => {
  const backoff = new Backoff(() => 0);
  backoff.next();
  backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(100);
});
