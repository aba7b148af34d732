import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessages, decodeStat, encodeStats } from "./stat-codec.ts";

/**
 * A million frames: good ones spoilt in every way, and noise. fast-check chooses seeds, each of which stands for
 * a batch, since choosing every byte by itself would take most of the time.
 */
const BATCHES = 500;
const FRAMES = 2000;

/** mulberry32. */
const randomOf = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
};

type Random = ReturnType<typeof randomOf>;

const good = Buffer.from(
  encodeStats(
    ["default/hello", "team-a/a-rather-longer-name-00042", "x/y"].map((id, i) => ({
      id,
      stat: {
        podName: "activator-7d9c-abcde",
        averageConcurrentRequests: i / 3,
        averageProxiedConcurrentRequests: 0,
        requestCount: 100 * i,
        proxiedRequestCount: i,
        processUptime: 12.5,
        timestamp: BigInt(i) * 1_700_000_000n,
      },
    })),
  ),
);

/** Bytes that mean something in protobuf: tags, long varints, group marks. */
const TELLING = [0x00, 0x0a, 0x0b, 0x0c, 0x11, 0x1a, 0x38, 0x3b, 0x3c, 0x7f, 0x80, 0xff];

const changes: readonly ((frame: Buffer, random: Random) => Buffer)[] = [
  (frame, random) => frame.subarray(0, random(frame.length + 1)),
  (frame, random) => {
    frame[random(frame.length)] = random(256);
    return frame;
  },
  (frame, random) => {
    frame[random(frame.length)] = TELLING[random(TELLING.length)]!;
    return frame;
  },
  (frame, random) => {
    const at = random(frame.length);
    return Buffer.concat([frame.subarray(0, at), frame.subarray(random(frame.length))]);
  },
  (frame, random) => Buffer.concat([frame, Buffer.alloc(random(12), TELLING[random(TELLING.length)])]),
  (_, random) => Buffer.from(Array.from({ length: random(40) }, () => TELLING[random(TELLING.length)]!)),
];

const spoilt = (random: Random): Buffer => {
  let frame: Buffer = Buffer.from(good);
  for (let count = 1 + random(4); count > 0 && frame.length > 0; count--) {
    frame = changes[random(changes.length)]!(frame, random);
  }
  return frame;
};

test("a million hostile frames are decoded or refused, and never throw", () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomOf(seed);
      for (let i = 0; i < FRAMES; i++) {
        const frame = spoilt(random);
        if (decodeMessages(frame).ok) accepted++;
        else refused++;
        decodeStat(frame);
      }
    }),
    { numRuns: BATCHES, endOnFailure: false },
  );
  expect(accepted + refused).toBeGreaterThanOrEqual(BATCHES * FRAMES);
  // Neither side may be a rare accident, or the fuzzing would prove little.
  expect(Math.min(accepted, refused)).toBeGreaterThan((BATCHES * FRAMES) / 100);
}, 300_000);
