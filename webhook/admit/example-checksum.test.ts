import { describe, expect, test } from "vitest";
import { exampleChecksum, exampleProblem } from "./example-checksum.ts";

describe("exampleChecksum", () => {
  test("CRC-32 of IEEE over the bytes", () => {
    expect(exampleChecksum("123456789")).toBe("cbf43926");
  });

  test.each(["a\nb", "a\n\n\nb", "a\r\nb", "\n  a\nb\n\n"])(
    "line ends and outer blanks of %j do not count",
    (text) => {
      expect(exampleChecksum(text)).toBe(exampleChecksum("a\\nb"));
    },
  );

  test("eight digits, also when the first are zeros", () => {
    const short = Array.from({ length: 5000 }, (_, i) => exampleChecksum(`x${i}`)).filter((sum) =>
      sum.startsWith("00"),
    );
    expect(short.length).toBeGreaterThan(0);
    expect(short.every((sum) => /^[0-9a-f]{8}$/.test(sum))).toBe(true);
  });
});

describe("exampleProblem", () => {
  const annotations = { "knative.dev/example-checksum": "cbf43926" };

  test("an edited example is refused with Knative's text", () => {
    expect(exampleProblem({ _example: "12345678" }, annotations)).toBe(
      'the update modifies a key in "_example" which is probably not what you want. Instead, copy the respective setting to the top-level of the ConfigMap, directly below "data"',
    );
  });

  test.each([
    ["untouched", { _example: "123456789\n" }, annotations],
    ["no annotation", { _example: "1" }, {}],
    ["no example", { "stable-window": "60s" }, annotations],
  ])("%s: no problem", (_, data, annotations) => {
    expect(exampleProblem(data, annotations)).toBeUndefined();
  });
});
