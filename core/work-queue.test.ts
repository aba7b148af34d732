import { expect, test } from "vitest";

import { FakeClock } from "../test/helpers/fake-clock.ts";
import { WorkQueue } from "./work-queue.ts";

const setUp = (concurrency: number) => {
  const clock = new FakeClock();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const queue = new WorkQueue({
    clock,
    concurrency,
    work: (name) => {
      begun.push(name);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  const end = async () => {
    ends.shift()?.();
    await clock.advance(0);
  };
  return { clock, begun, queue, end };
};

test("a name that waits is worked on once; one that is worked on, once more", async () => {
  const { begun, queue, end } = setUp(1);
  queue.add("a");
  queue.add("b");
  queue.add("b");
  queue.add("a");
  queue.add("a");
  expect(begun).toEqual(["a"]);
  await end();
  await end();
  await end();
  await end();
  expect(begun.toSorted()).toEqual(["a", "a", "b"]);
});

test("no more at one time than allowed, and never one name twice", () => {
  const { begun, queue } = setUp(2);
  for (const name of ["a", "a", "b", "c"]) queue.add(name);
  expect(begun).toEqual(["a", "b"]);
});

test("of several later times the earliest counts", async () => {
  const { begun, queue, clock } = setUp(1);
  queue.addAfter("a", 100);
  queue.addAfter("a", 50);
  queue.addAfter("a", 200);
  await clock.advance(49);
  expect(begun).toEqual([]);
  await clock.advance(1);
  expect(begun).toEqual(["a"]);
  expect(clock.pending).toBe(0);
});

test("stop waits for what is worked on, and for nothing else", async () => {
  const { begun, queue, clock, end } = setUp(1);
  queue.add("a");
  queue.add("b");
  queue.addAfter("c", 10);
  let stopped = false;
  const stop = queue.stop().then(() => (stopped = true));
  await clock.advance(20);
  expect(stopped).toBe(false);
  await end();
  await stop;
  expect(begun).toEqual(["a"]);
});
