import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { AddressFinder, type Runtime } from "./address-finder.ts";

/** A runtime whose pods get a sandbox and an address when told. */
class ScriptedRuntime implements Runtime {
  readonly ready = new Map<string, string[]>();
  asked = 0;
  broken = false;

  sandboxes(uid: string): Promise<readonly string[]> {
    this.asked++;
    if (this.broken) return Promise.reject(new Error("socket closed"));
    return Promise.resolve(this.ready.has(uid) ? [uid] : []);
  }

  addresses(sandbox: string): Promise<readonly string[]> {
    return Promise.resolve(this.ready.get(sandbox) ?? []);
  }
}

const setUp = () => {
  const clock = new FakeClock();
  const runtime = new ScriptedRuntime();
  const errors: unknown[] = [];
  const finder = new AddressFinder({ runtime, clock, onError: (error) => errors.push(error) });
  return { clock, runtime, errors, finder };
};

const forever = (): AbortSignal => new AbortController().signal;

test("answers as soon as the sandbox has an address, not before", async () => {
  const { clock, runtime, finder } = setUp();
  let found: readonly string[] | undefined;
  void finder.find("pod", forever()).then((ips) => (found = ips));
  await clock.advance(50);
  runtime.ready.set("pod", []);
  await clock.advance(50);
  expect(found).toBeUndefined();
  runtime.ready.set("pod", ["10.0.0.7"]);
  await clock.advance(2);
  expect(found).toEqual(["10.0.0.7"]);
});

test("asks every 2 ms at first, less often the longer it takes, and a slow runtime only half of the time", async () => {
  const { clock, runtime, finder } = setUp();
  const askedIn = async (ms: number): Promise<number> => {
    const before = runtime.asked;
    await clock.advance(ms);
    return runtime.asked - before;
  };
  const gone = new AbortController();
  void finder.find("pod", gone.signal).catch(() => undefined);
  expect(await askedIn(100)).toBeGreaterThanOrEqual(50);
  await clock.advance(900);
  expect(await askedIn(1000)).toBeLessThan(50);
  gone.abort();

  runtime.sandboxes = async () => {
    runtime.asked++;
    await clock.sleep(20);
    return [];
  };
  void finder.find("other", forever()).catch(() => undefined);
  expect(await askedIn(200)).toBeLessThanOrEqual(6);
});

test("once it knows how long a start takes at least, it leaves the runtime alone for the first part of it", async () => {
  const { clock, runtime, finder } = setUp();
  const start = async (uid: string, ms: number): Promise<number> => {
    const before = runtime.asked;
    const search = finder.find(uid, forever());
    await clock.advance(ms);
    runtime.ready.set(uid, ["10.0.0.7"]);
    await clock.advance(20);
    await search;
    return runtime.asked - before;
  };
  for (const n of [1, 2]) await start(`pod-${n}`, 100 + n);
  expect(await start("last-to-learn", 120)).toBeGreaterThan(50);
  expect(await start("known", 120)).toBeLessThan(45);
  // Quicker than any before it: found at the end of the quiet time.
  const quick = finder.find("quick", forever());
  await clock.advance(10);
  runtime.ready.set("quick", ["10.0.0.8"]);
  await clock.advance(60);
  await expect(quick).resolves.toEqual(["10.0.0.8"]);
});

test("asks nothing while nobody waits", async () => {
  const { clock, runtime, finder } = setUp();
  const gone = new AbortController();
  const search = finder.find("pod", gone.signal);
  await clock.advance(20);
  expect(runtime.asked).toBeGreaterThan(5);
  gone.abort(new Error("asker left"));
  await expect(search).rejects.toThrow("asker left");
  const { asked } = runtime;
  await clock.advance(1000);
  expect(runtime.asked).toBe(asked);
  expect(clock.pending).toBe(0);
});

test("a runtime that cannot be asked is asked less often, and found again", async () => {
  const { clock, runtime, errors, finder } = setUp();
  runtime.broken = true;
  const search = finder.find("pod", forever());
  await clock.advance(1000);
  expect(errors.length).toBeGreaterThan(5);
  expect(errors.length).toBeLessThan(15);
  runtime.broken = false;
  runtime.ready.set("pod", ["10.0.0.8"]);
  await clock.advance(100);
  await expect(search).resolves.toEqual(["10.0.0.8"]);
});

test("an asker that is gone before it asks is refused at once", async () => {
  const { finder } = setUp();
  await expect(finder.find("pod", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  expect(finder.searching).toBe(0);
});

test("of many pods that start at once the runtime is asked about eight at a time", async () => {
  const { clock, runtime, finder } = setUp();
  let underWay = 0;
  let most = 0;
  runtime.sandboxes = async (uid) => {
    most = Math.max(most, ++underWay);
    await clock.sleep(1);
    underWay--;
    return runtime.ready.has(uid) ? [uid] : [];
  };
  const uids = Array.from({ length: 200 }, (_, i) => `pod-${i}`);
  const searches = uids.map((uid) => finder.find(uid, forever()));
  const gone = new AbortController();
  const left = finder.find("left", gone.signal);
  gone.abort(new Error("asker left"));
  await expect(left).rejects.toThrow("asker left");
  await clock.advance(100);
  for (const uid of uids) runtime.ready.set(uid, [`ip of ${uid}`]);
  await clock.advance(200);
  expect(await Promise.all(searches)).toEqual(uids.map((uid) => [`ip of ${uid}`]));
  expect(most).toBe(8);
  expect([finder.searching, clock.pending]).toEqual([0, 0]);
});

test("whoever waits is answered or leaves; nothing is searched for afterwards", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("ask" as const), uid: fc.constantFrom("a", "b") }),
    fc.record({ kind: fc.constant("leave" as const), index: fc.nat(20) }),
    fc.record({ kind: fc.constant("ready" as const), uid: fc.constantFrom("a", "b") }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { clock, runtime, finder } = setUp();
      const askers: { abort: AbortController; settled: boolean }[] = [];
      for (const next of steps) {
        if (next.kind === "ask") {
          const asker = { abort: new AbortController(), settled: false };
          askers.push(asker);
          const settle = (): void => void (asker.settled = true);
          void finder.find(next.uid, asker.abort.signal).then(settle, settle);
        } else if (next.kind === "leave") askers[next.index]?.abort.abort(new Error("left"));
        else if (next.kind === "ready") runtime.ready.set(next.uid, ["10.0.0.1"]);
        else await clock.advance(next.ms);
      }
      for (const uid of ["a", "b"]) runtime.ready.set(uid, ["10.0.0.1"]);
      await clock.advance(200);
      expect(askers.every(({ settled }) => settled)).toBe(true);
      expect([finder.searching, clock.pending]).toEqual([0, 0]);
    }),
    { numRuns: 50 },
  );
});
