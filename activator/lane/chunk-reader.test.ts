import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkReader } from "./chunk-reader.ts";
import { malformed } from "./field-scan.ts";

/** Reads pieces one after the other, as a pod's bytes come; stops where the body ends or breaks. */
const readAll = (pieces: readonly string[]) => {
  const reader = new ChunkReader();
  let data = "";
  let used = 0;
  for (const piece of pieces) {
    if (reader.done) break;
    const took = reader.read(Buffer.from(piece, "latin1"), (part) => (data += part.toString("latin1")));
    if (took === malformed) return "malformed";
    used += took;
  }
  return { data, used, done: reader.done, trailers: reader.trailers };
};

const cut = (text: string, cuts: readonly number[]): string[] => {
  const at = cuts.map((n) => n % (text.length + 1)).sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length)).filter((piece) => piece !== "");
};

const part = fc.record({
  data: fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 300 }),
  extension: fc.constantFrom("", ";a", ";a=b", ';a="b c"'),
  upper: fc.boolean(),
});

test("whatever was put into chunks comes out, cut anywhere, and nothing behind it is touched", () => {
  const body = fc.tuple(
    fc.array(part),
    fc.array(fc.constantFrom("X-A: 1", "X-B: two words")),
    fc.array(fc.nat()),
  );
  fc.assert(
    fc.property(body, ([parts, trailers, cuts]) => {
      const chunks = parts.map(({ data, extension, upper }) => {
        const size = data.length.toString(16);
        return `${upper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
      });
      const text = `${chunks.join("")}0\r\n${trailers.map((line) => `${line}\r\n`).join("")}\r\n`;
      const read = readAll([...cut(`${text}HTTP/1.1`, cuts)]);
      expect(read).toEqual({
        data: parts.map(({ data }) => data).join(""),
        used: text.length,
        done: true,
        trailers: trailers.flatMap((line) => line.split(": ")),
      });
    }),
  );
});

describe("malformed", () => {
  test.each([
    ["no size", "\r\n"],
    ["no digit", "x\r\n"],
    ["a sign", "+5\r\nhello\r\n"],
    ["0x", "0x5\r\nhello\r\n"],
    ["a space before the size", " 5\r\nhello\r\n"],
    ["a space behind the size", "5 \r\nhello\r\n"],
    ["a bare LF behind the size", "5\nhello\r\n"],
    ["a bare CR behind the size", "5\rhello\r\n"],
    ["a bare LF behind the data", "5\r\nhello\n0\r\n\r\n"],
    ["more data than the size", "5\r\nhello!\r\n"],
    ["a size of 13 digits", "1000000000000\r\n"],
    ["a control byte in an extension", "5;a\0\r\nhello\r\n"],
    ["an extension without a name", "5;=b\r\nhello\r\n"],
    ["a name that is none in an extension", "5;:=b\r\nhello\r\n"],
    ["an open quote in an extension", '5;a="b\r\nhello\r\n'],
    ["an endless extension", `5;${"a".repeat(5000)}\r\n`],
    ["a folded trailer", "0\r\nX: 1\r\n 2\r\n\r\n"],
    ["endless trailers", `0\r\n${"X: 1\r\n".repeat(4000)}`],
  ])("%s", (_, text) => {
    expect(readAll([text])).toBe("malformed");
    expect(readAll(text.split(""))).toBe("malformed");
  });
});
