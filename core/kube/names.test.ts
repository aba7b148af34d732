import * as fc from "fast-check";
import { expect, test } from "vitest";

import { privateName, sliceName } from "./names.ts";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);

test("a private Service's name is a Service's name, and different for different Services", () => {
  expect(privateName("hello")).toBe("hello-private");
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(privateName(a)).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
      fc.pre(a !== b);
      expect(privateName(a)).not.toBe(privateName(b));
    }),
  );
});

test("each port and family of a Service has a slice of its own, always of the same name", () => {
  const names = ["", "http", "grpc"].flatMap((port) => [
    sliceName("hello", port, "IPv4"),
    sliceName("hello", port, "IPv6"),
  ]);
  expect(new Set(names).size).toBe(6);
  expect(sliceName("hello", "http", "IPv4")).toBe(sliceName("hello", "http", "IPv4"));
});
