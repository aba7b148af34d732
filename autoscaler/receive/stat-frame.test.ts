import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeStats } from "#core/stat-codec.ts";
import type { Stat, StatMessage } from "#core/stat.ts";
import { readFrame } from "./stat-frame.ts";

const NOW = 1_700_000_000_999;

const stat = (over: Partial<Stat> = {}): Stat => ({
  podName: "activator-1",
  averageConcurrentRequests: 2,
  averageProxiedConcurrentRequests: 0,
  requestCount: 1,
  proxiedRequestCount: 0,
  processUptime: 12,
  timestamp: 0n,
  ...over,
});

const frameOf = (...messages: StatMessage[]): Uint8Array => encodeStats(messages);

const value = fc.double({ min: 0, max: 1e6, noNaN: true });
const messages = fc.array(
  fc.record({
    id: fc.tuple(fc.stringMatching(/^[a-z]{1,20}$/), fc.stringMatching(/^[a-z0-9-]{1,20}$/)),
    stat: fc.record({ conc: value, count: value, pod: fc.stringMatching(/^[a-z0-9-]{0,30}$/) }),
  }),
  { maxLength: 5 },
);

test("good messages come out as they went in, stamped with the receiver's second", () => {
  fc.assert(
    fc.property(messages, (list) => {
      const sent = list.map(({ id: [ns, name], stat: { conc, count, pod } }) => ({
        id: `${ns}/${name}`,
        stat: stat({ averageConcurrentRequests: conc, requestCount: count, podName: pod }),
      }));
      const result = readFrame(frameOf(...sent), NOW);
      expect(result.faults).toEqual({});
      expect(result.messages).toEqual(
        sent.map(({ id, stat: s }) => ({ id, stat: { ...s, timestamp: 1_700_000_000n } })),
      );
    }),
  );
});

test.each<[string, Partial<Stat>]>([
  ["NaN", { averageConcurrentRequests: NaN }],
  ["infinite", { requestCount: Infinity }],
  ["negative concurrency", { averageConcurrentRequests: -0.5 }],
  ["a count below the reporter's -1", { requestCount: -2 }],
  ["beyond what sums can hold", { averageConcurrentRequests: 1e300 }],
  ["proxied NaN", { averageProxiedConcurrentRequests: NaN }],
  ["an endless pod name", { podName: "x".repeat(300) }],
])("a stat that is no measurement is left out: %s", (_, over) => {
  const good = { id: "default/good", stat: stat() };
  const result = readFrame(frameOf({ id: "default/bad", stat: stat(over) }, good), NOW);
  expect(result.messages.map(({ id }) => id)).toEqual(["default/good"]);
  expect(result.faults).toEqual({ "bad-value": 1 });
});

test("the count of -1 that a reporter sends by rule is a measurement", () => {
  expect(readFrame(frameOf({ id: "d/a", stat: stat({ requestCount: -1 }) }), NOW).messages).toHaveLength(1);
});

test("a message without a whole name is left out", () => {
  for (const id of ["/a", "a/", "/"]) {
    expect(readFrame(frameOf({ id, stat: stat() }), NOW).faults).toEqual({ "no-name": 1 });
  }
});

test("a frame of millions of empty messages is refused", () => {
  const bytes = new Uint8Array(2 << 20);
  for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x0a;
  expect(readFrame(bytes, NOW)).toEqual({ messages: [], faults: { malformed: 1 } });
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const { messages: read, faults } = readFrame(bytes, NOW);
      expect(read.length + Object.values(faults).length).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 20_000 },
  );
});

/** A million frames: fast-check picks what to mutate and the seed, each run mutates a thousand times. */
test("a million mutated frames never throw, and what comes out is always fit to be recorded", () => {
  let readable = 0;
  let refused = 0;
  const check = (bytes: Uint8Array): void => {
    const { messages: read, faults } = readFrame(bytes, NOW);
    if (Object.keys(faults).length > 0) refused++;
    for (const { id, stat: s } of read) {
      readable++;
      if (
        !(
          s.averageConcurrentRequests >= 0 &&
          s.requestCount >= -1 &&
          s.requestCount <= 1e9 &&
          id.includes("/")
        )
      )
        throw new Error(`not fit: ${id} ${JSON.stringify({ ...s, timestamp: 0 })}`);
    }
  };
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 2 ** 31 }), (list, start) => {
      const base = frameOf(
        ...list.map(({ id, stat: s }) => ({ id: id.join("/"), stat: stat({ requestCount: s.count }) })),
        { id: "default/a", stat: stat() },
      );
      let seed = start;
      const random = (below: number): number => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      };
      for (let i = 0; i < 1000; i++) {
        const bytes = Uint8Array.from(base);
        for (let n = random(8); n >= 0; n--) bytes[random(bytes.length)] = random(256);
        check(random(4) === 0 ? bytes.subarray(random(3), random(bytes.length + 1)) : bytes);
      }
    }),
    { numRuns: 1000 },
  );
  expect(readable).toBeGreaterThan(10_000);
  expect(refused).toBeGreaterThan(10_000);
}, 120_000);
