import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, FrameScanner } from "./http2-frames.ts";

/** A frame as bytes. */
const frame = (type: number, stream: number, payload: Uint8Array, flags = 0): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const frames = fc.array(
  fc.record({
    type: fc.nat(12),
    stream: fc.nat(0x7f_ff_ff_ff),
    flags: fc.nat(255),
    payload: fc.uint8Array({ maxLength: 40 }),
    dropped: fc.boolean(),
  }),
);

/** Cuts bytes at any places. */
const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
};

test("every frame is seen once, and exactly the dropped ones are missing, however the bytes are cut", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat()), fc.nat(30), (given, cuts, skip) => {
      const preface = Buffer.alloc(skip, 0xff);
      const bytes = given.map(({ type, stream, payload, flags }) => frame(type, stream, payload, flags));
      const seen: Frame[] = [];
      const scanner = new FrameScanner((found) => {
        seen.push(found);
        return given[seen.length - 1]!.dropped ? "drop" : "pass";
      }, skip);
      const out = pieces(Buffer.concat([preface, ...bytes]), cuts).map((piece) => scanner.scan(piece));
      expect(seen.map(({ type, stream, flags, length }) => [type, stream, flags, length])).toEqual(
        given.map(({ type, stream, flags, payload }) => [type, stream, flags, payload.length]),
      );
      const kept = bytes.filter((_, i) => !given[i]!.dropped);
      expect(Buffer.concat(out)).toEqual(Buffer.concat([preface, ...kept]));
      expect(scanner.between).toBe(true);
    }),
  );
});

test("short frames are shown whole, and their bytes are held until they are", () => {
  const seen: Frame[] = [];
  const scanner = new FrameScanner((found) => {
    seen.push(found);
    return "pass";
  });
  const ping = frame(6, 0, Buffer.from("12345678"));
  expect(scanner.scan(ping.subarray(0, 16)).length).toBe(0);
  expect([seen.length, scanner.between]).toEqual([0, false]);
  expect(scanner.scan(ping.subarray(16))).toEqual(ping);
  expect(seen[0]!.payload.toString()).toBe("12345678");
});
