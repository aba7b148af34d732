import { expect, test } from "vitest";
import type { Stat } from "#core/stat.ts";
import { Reporters } from "./reporters.ts";

const stat = (podName: string, concurrency: number, count = 0): Stat => ({
  podName,
  averageConcurrentRequests: concurrency,
  averageProxiedConcurrentRequests: 0,
  requestCount: count,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
});

test("silence after a zero is no loss", () => {
  const reporters = new Reporters();
  reporters.heard(stat("a", 1, 1), 0);
  reporters.heard(stat("a", 0, 0), 1000);
  expect(reporters.missing(60_000, 60_000)).toEqual([]);
});

test("silence under load is a loss until a window has passed", () => {
  const reporters = new Reporters();
  reporters.heard(stat("a", 1), 1000);
  reporters.heard(stat("b", 0, 3), 1000);
  expect(reporters.missing(3500, 60_000)).toEqual([]);
  expect(reporters.heardOf(3500)).toBe(2);
  expect(reporters.missing(3501, 60_000)).toEqual([
    { name: "a", until: 61_000 },
    { name: "b", until: 61_000 },
  ]);
  expect(reporters.heardOf(3501)).toBe(0);
  expect(reporters.missing(61_000, 60_000)).toHaveLength(2);
  expect(reporters.missing(61_001, 60_000)).toEqual([]);
});

test("one that reports again is no longer missing, another one's report does not stand for it", () => {
  const reporters = new Reporters();
  reporters.heard(stat("a", 1), 0);
  reporters.heard(stat("b", 1), 9000);
  expect(reporters.missing(10_000, 60_000)).toEqual([{ name: "a", until: 60_000 }]);
  reporters.heard(stat("a", 0), 10_000);
  expect(reporters.missing(10_100, 60_000)).toEqual([]);
});

test("ever new names cost a bounded list", () => {
  const reporters = new Reporters();
  for (let i = 0; i < 5000; i++) reporters.heard(stat(`n${i}`, 1), 0);
  expect(reporters.missing(5000, 60_000)).toHaveLength(1000);
});
