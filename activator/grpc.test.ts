import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ErrorCode, RequestError, errorCatalogue } from "#core/errors.ts";
import { grpcTrailers, isGrpc, readGrpcTimeout } from "./grpc.ts";

test.each([
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["3S", 3000],
  ["99999999m", 99_999_999],
  ["500u", 0.5],
  ["1000000n", 1],
  ["0m", 0],
  ["100000000m", undefined],
  ["1", undefined],
  ["S", undefined],
  ["-1S", undefined],
  ["1.5S", undefined],
  ["1S ", undefined],
])("grpc-timeout %s", (text, ms) => {
  const read = readGrpcTimeout(text);
  if (ms === undefined) expect(read).toBe(undefined);
  else expect(read).toBeCloseTo(ms);
});

test.each([
  ["POST", "application/grpc", true],
  ["POST", "application/grpc+proto", true],
  ["POST", "application/grpc;charset=x", true],
  ["POST", "application/grpc-web+proto", true],
  ["POST", "application/grpcx", false],
  ["POST", "application/json", false],
  ["POST", undefined, false],
  ["GET", "application/grpc", false],
])("%s with %s", (method, type, expected) => {
  expect(isGrpc({ method, field: (name) => (name === "content-type" ? type : undefined) })).toBe(expected);
});

test("every error has a status, and its message can be read back whatever is in it", () => {
  const codes = Object.keys(errorCatalogue) as ErrorCode[];
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.string({ unit: "grapheme" }), (code, detail) => {
      const [, status, , message] = grpcTrailers(new RequestError(code, { detail }));
      expect(Number(status)).toBe(errorCatalogue[code].grpc);
      expect(message).toMatch(/^[ -~]*$/);
      expect(decodeURIComponent(message!)).toBe(`${code}: ${errorCatalogue[code].message}: ${detail}`);
    }),
  );
});
