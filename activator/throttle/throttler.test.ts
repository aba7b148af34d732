import { expect, test } from "vitest";
import { RequestError } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import { revisionOf } from "../../test/helpers/revision.ts";
import { Throttler } from "./throttler.ts";

const never = new AbortController().signal;
const dest = (n: number): Dest => ({ key: `10.0.0.${n}:80`, host: `10.0.0.${n}`, ports: [80] });
const dests = (...n: number[]): Dest[] => n.map(dest);
const id = "default/hello";

test("nothing is known of a revision nobody asked for", () => {
  expect(new Throttler().snapshot(id)).toEqual({ queued: 0, inFlight: 0, capacity: 0, dests: 0 });
});

test("without a limit per pod everything goes as soon as there is a pod", async () => {
  const throttler = new Throttler();
  const revision = revisionOf();
  expect(throttler.reserve(revision)).toBeUndefined();
  const waiting = [1, 2, 3].map(() => throttler.acquire(revision, { signal: never }));
  throttler.update(id, dests(1));
  expect(throttler.snapshot(id)).toEqual({ queued: 0, inFlight: 3, capacity: Infinity, dests: 1 });
  for (const grant of await Promise.all(waiting)) grant[Symbol.dispose]();
  expect(throttler.snapshot(id).inFlight).toBe(0);
});

test("a grant frees its slot once, however often it is disposed", () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1 });
  throttler.configure(revision);
  throttler.update(id, dests(1, 2));
  const first = throttler.reserve(revision)!;
  throttler.reserve(revision);
  expect(throttler.reserve(revision)).toBeUndefined();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(throttler.reserve(revision)?.dest.key).toBe(first.dest.key);
  expect(throttler.reserve(revision)).toBeUndefined();
});

test("a full queue says how full, and when to come again", async () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1, queueDepth: 2 });
  throttler.configure(revision);
  throttler.update(id, dests(1));
  throttler.reserve(revision);
  for (let i = 0; i < 2; i++) void throttler.acquire(revision, { signal: never });
  const error = await throttler.acquire(revision, { signal: never }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({
    code: "queue_full",
    retryAfter: 1,
    detail: "2 requests wait (queue depth 2), 1 run in 1 pods with room for 1",
  });
});

test("the limit holds for a pod that vanishes with requests in it and comes back", () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 2 });
  throttler.configure(revision);
  throttler.update(id, dests(1));
  const grants = [throttler.reserve(revision)!, throttler.reserve(revision)!];
  throttler.update(id, []);
  expect(throttler.snapshot(id)).toMatchObject({ inFlight: 2, capacity: 0 });
  expect([throttler.inFlightAt(id, dest(1).key), throttler.inFlightAt(id, dest(2).key)]).toEqual([2, 0]);
  throttler.update(id, dests(1));
  expect(throttler.reserve(revision)).toBeUndefined();
  grants[0]![Symbol.dispose]();
  expect(throttler.reserve(revision)).toBeDefined();
  expect(throttler.reserve(revision)).toBeUndefined();
});

test("requests in pods that are gone do not take room in those that are there", () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1 });
  throttler.configure(revision);
  throttler.update(id, dests(1, 2));
  throttler.reserve(revision);
  throttler.reserve(revision);
  throttler.update(id, dests(3));
  expect(throttler.reserve(revision)?.dest.key).toBe(dest(3).key);
});

test("a lower limit lets what runs go on and holds from then on; a higher one lets the queue go", async () => {
  const throttler = new Throttler();
  const two = revisionOf({ containerConcurrency: 2 });
  throttler.configure(two);
  throttler.update(id, dests(1));
  const grants = [throttler.reserve(two)!, throttler.reserve(two)!];
  const one = revisionOf({ containerConcurrency: 1 });
  throttler.configure(one);
  const waiting = throttler.acquire(one, { signal: never });
  grants[0]![Symbol.dispose]();
  expect(throttler.snapshot(id)).toMatchObject({ inFlight: 1, queued: 1, capacity: 1 });
  throttler.configure(two);
  await waiting;
  throttler.configure(revisionOf({ containerConcurrency: 0 }));
  expect(throttler.snapshot(id).capacity).toBe(Infinity);
});

test("each activator keeps to its share, and takes a new one at once", () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1 });
  throttler.configure(revision);
  throttler.update(id, dests(1, 2, 3, 4, 5));
  throttler.setActivators(id, { count: 2, index: 1 });
  expect([throttler.reserve(revision), throttler.reserve(revision)].map((grant) => grant?.dest.key)).toEqual([
    dest(3).key,
    dest(4).key,
  ]);
  expect(throttler.reserve(revision)).toBeUndefined();
  void throttler.acquire(revision, { signal: never });
  throttler.setActivators(id, { count: 1, index: 0 });
  expect(throttler.snapshot(id)).toMatchObject({ queued: 0, inFlight: 3, capacity: 5, dests: 5 });
});

test("a retry goes to another dest while one has room, and to the same rather than wait", () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 2 });
  throttler.configure(revision);
  throttler.update(id, dests(1, 2));
  const avoid = new Set([dest(1).key]);
  const keys = [1, 2, 3].map(() => throttler.reserve(revision, avoid)?.dest.key);
  expect(keys).toEqual([dest(2).key, dest(2).key, dest(1).key]);
});

test("failing rejects everyone who waits with the same reason and nobody who runs", async () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1 });
  throttler.configure(revision);
  throttler.update(id, dests(1));
  throttler.reserve(revision);
  const waiting = throttler.acquire(revision, { signal: never });
  const error = new RequestError("start_failed", { detail: "ImagePullBackOff: no such image" });
  throttler.fail(id, error);
  await expect(waiting).rejects.toBe(error);
  expect(throttler.snapshot(id)).toMatchObject({ queued: 0, inFlight: 1 });
});

test("a revision that goes turns its queue away; what runs stays counted if it comes back", async () => {
  const throttler = new Throttler();
  const revision = revisionOf({ containerConcurrency: 1 });
  throttler.configure(revision);
  throttler.update(id, dests(1));
  const grant = throttler.reserve(revision)!;
  const waiting = throttler.acquire(revision, { signal: never });
  throttler.remove(id);
  await expect(waiting).rejects.toMatchObject({ code: "no_such_service" });
  throttler.configure(revisionOf({ containerConcurrency: 1 }));
  throttler.update(id, dests(1));
  expect(throttler.reserve(revision)).toBeUndefined();
  grant[Symbol.dispose]();
  expect(throttler.reserve(revision)).toBeDefined();
});

test("a revision that went is forgotten when its last request has ended", () => {
  const throttler = new Throttler();
  const revision = revisionOf();
  throttler.configure(revision);
  throttler.update(id, dests(1));
  const grant = throttler.reserve(revision)!;
  throttler.remove(id);
  expect(throttler.snapshot(id).inFlight).toBe(1);
  grant[Symbol.dispose]();
  expect(throttler.snapshot(id)).toEqual({ queued: 0, inFlight: 0, capacity: 0, dests: 0 });
});
