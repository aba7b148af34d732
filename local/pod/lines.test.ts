import { PassThrough } from "node:stream";
import { once } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { eachLine } from "./lines.ts";

const linesOf = async (chunks: readonly Uint8Array[]): Promise<string[]> => {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => void lines.push(line));
  const ended = once(stream, "end");
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await ended;
  return lines;
};

const bytes = (text: string): Buffer => Buffer.from(text);

test("lines come one by one, without their ends, the last one also without an end", async () => {
  expect(await linesOf([bytes("a\nb\r\n\nc")])).toEqual(["a", "b", "", "c"]);
  expect(await linesOf([bytes("a\n")])).toEqual(["a"]);
  expect(await linesOf([])).toEqual([]);
});

test("a line without an end is passed on in pieces before it fills memory", async () => {
  const pieces = await linesOf([bytes("x".repeat(150_000)), bytes("y\n")]);
  expect(pieces.join("")).toBe(`${"x".repeat(150_000)}y`);
  expect(Math.max(...pieces.map(({ length }) => length))).toBe(65_536);
});

test("lines do not depend on how the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary", maxLength: 8 })),
      fc.nat(6),
      async (texts, size) => {
        const all = bytes(texts.map((text) => text.replace(/[\r\n]/g, "")).join("\n"));
        const cut = Array.from({ length: Math.ceil(all.length / (size + 1)) }, (_, i) =>
          all.subarray(i * (size + 1), (i + 1) * (size + 1)),
        );
        expect(await linesOf(cut)).toEqual(await linesOf([all]));
      },
    ),
  );
});

test("a sink that is not ready stops the reading", async () => {
  const stream = new PassThrough();
  const gate = Promise.withResolvers<void>();
  const lines: string[] = [];
  eachLine(stream, (line) => {
    lines.push(line);
    return line === "stop" ? gate.promise : undefined;
  });
  stream.write("stop\n");
  await new Promise((resolve) => setImmediate(resolve));
  stream.write("later\n");
  await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual(["stop"]);
  expect(stream.isPaused()).toBe(true);
  gate.resolve();
  await expect.poll(() => lines).toEqual(["stop", "later"]);
});
