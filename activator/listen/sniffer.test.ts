import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isHttp2 } from "./sniffer.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

test("only the whole preface is HTTP/2, a part of it is not known yet, anything else is not", () => {
  fc.assert(
    fc.property(fc.nat(preface.length - 1), fc.string(), (length, rest) => {
      expect(isHttp2(Buffer.from(preface + rest))).toBe(true);
      expect(isHttp2(Buffer.from(preface.slice(0, length)))).toBe(undefined);
      const other = Buffer.from(preface.slice(0, length) + rest);
      if (!other.toString("latin1").startsWith(preface) && !preface.startsWith(other.toString("latin1")))
        expect(isHttp2(other)).toBe(false);
    }),
  );
});
