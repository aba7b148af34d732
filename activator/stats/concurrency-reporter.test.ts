import { expect, test } from "vitest";
import type { StatMessage } from "#core/stat.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { ConcurrencyReporter } from "./concurrency-reporter.ts";

const setUp = async () => {
  const clock = new FakeClock();
  const batches: (readonly StatMessage[])[] = [];
  const reporter = new ConcurrencyReporter({
    clock,
    podName: "activator-1",
    sink: { send: (b) => batches.push(b) },
  });
  await reporter.start();
  const heard = () =>
    batches
      .splice(0)
      .map((batch) => batch.map(({ id, stat }) => [id, stat.averageConcurrentRequests, stat.requestCount]));
  return { clock, reporter, heard, batches };
};

test("a first request is told at once, under this activator's name", async () => {
  const { reporter, batches } = await setUp();
  using _request = reporter.enter("default/hello");
  expect(batches).toEqual([
    [
      {
        id: "default/hello",
        stat: {
          podName: "activator-1",
          averageConcurrentRequests: 1,
          averageProxiedConcurrentRequests: 0,
          requestCount: 1,
          proxiedRequestCount: 0,
          processUptime: 0,
          timestamp: 0n,
        },
      },
    ],
  ]);
});

test("everything else once a second, in one batch; nothing when nothing is known", async () => {
  const { clock, reporter, heard } = await setUp();
  await clock.advance(3000);
  expect(heard()).toEqual([]);
  const requests = [reporter.enter("a/a"), reporter.enter("b/b"), reporter.enter("a/a")];
  heard();
  await clock.advance(1000);
  expect(heard()).toEqual([
    [
      ["a/a", 1, 1],
      ["b/b", 0, 0],
    ],
  ]);
  await clock.advance(500);
  for (const request of requests) request[Symbol.dispose]();
  await clock.advance(500);
  expect(heard()).toEqual([
    [
      ["a/a", 1, 0],
      ["b/b", 0.5, 0],
    ],
  ]);
  await clock.advance(1000);
  expect(heard()).toEqual([
    [
      ["a/a", 0, 0],
      ["b/b", 0, 0],
    ],
  ]);
  await clock.advance(5000);
  expect(heard()).toEqual([]);
});

test("a request that is disposed twice ends once", async () => {
  const { clock, reporter, heard } = await setUp();
  const first = reporter.enter("a/a");
  using _second = reporter.enter("a/a");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await clock.advance(1000);
  heard();
  await clock.advance(1000);
  expect(heard()).toEqual([[["a/a", 1, 0]]]);
});

test("stopping tells what is left, then that nothing is, and leaves no timer", async () => {
  const { clock, reporter, heard } = await setUp();
  reporter.enter("a/a")[Symbol.dispose]();
  using _open = reporter.enter("b/b");
  heard();
  await clock.advance(400);
  await reporter.stop();
  expect(heard()).toEqual([
    [
      ["a/a", 0, 0],
      ["b/b", 0, 0],
    ],
    [["b/b", 0, 0]],
  ]);
  expect(clock.pending).toBe(0);
});
