import { expect, test } from "vitest";
import { growth, type Size } from "./leak.ts";

const MIB = 1024 * 1024;
const run = (own: readonly number[]): Size[] =>
  own.map((mib) => ({
    own: mib * MIB,
    heap: 25 * MIB,
    external: 0,
    descriptors: 60,
    cpuMs: 0,
    handles: { PipeWrap: 8 },
  }));

test.each([
  ["one that is flat", [158, 158, 158, 158, 158, 158, 158, 158, 158], 0],
  ["one step, as malloc makes them", [158, 158, 158, 170, 174, 174, 174, 174, 174, 174, 174, 174], 0],
  ["a megabyte a round", [158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172], 1],
  ["three megabytes a round", [158, 161, 164, 167, 170, 173, 176, 179, 182], 1],
])("memory: %s", (_, own, leaks) => {
  expect(growth(run(own))).toHaveLength(leaks);
});

test("descriptors and handles that come with each round are a leak", () => {
  const sizes = run([1, 1, 1, 1, 1, 1, 1, 1, 1]);
  const grown = sizes.map((size, i) => ({ ...size, descriptors: 60 + i, handles: { PipeWrap: 8 + i } }));
  expect(growth(grown)).toHaveLength(2);
});
