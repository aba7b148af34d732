import type { IncomingMessage } from "node:http";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RequestError } from "#core/errors.ts";
import { checkHead } from "./head-check.ts";

const request = (
  url: string,
  fields: readonly string[],
  more: Partial<IncomingMessage> = {},
): IncomingMessage =>
  ({ method: "GET", url, rawHeaders: fields, headers: {}, httpVersion: "1.1", ...more }) as IncomingMessage;

test.each([
  ["/", "a.b", "/"],
  ["/a?b=c%20", "a.b:8080", "/a?b=c%20"],
  ["//evil.example/", "a.b", "//evil.example/"],
  ["http://a.b/x", "a.b", "/x"],
  ["HTTP://A.B:80/x", "a.b", "/x"],
  ["http://a.b", "a.b", "/"],
  ["http://a.b?q", "a.b", "/?q"],
  ["/", "", "/"],
  ["/", "[::1]:80", "/"],
])("%s for Host %s is %s", (url, host, target) => {
  expect(checkHead(request(url, ["Host", host]))).toEqual({ target, host });
});

test("the Host of an old client's URL is the URL's", () => {
  const old = request("http://a.b/x", [], { httpVersion: "1.0" });
  expect(checkHead(old)).toEqual({ target: "/x", host: "a.b" });
});

test.each(["http://b.b/", "http://a.b:81/", "http://u@a.b/", "a.b:80", "*", "x", "", "/#f", "ftp://a.b/"])(
  "%s is refused",
  (url) => {
    const error = checkHead(request(url, ["Host", "a.b"])) as RequestError;
    expect(error.code).toBe("bad_request");
    expect(error.detail).toBeTruthy();
  },
);

test("whatever the target and the Host: refused, or a path for exactly that Host", () => {
  const text = fc.string({ unit: "grapheme-ascii", maxLength: 30 });
  const url = fc.oneof(
    text,
    text.map((rest) => `/${rest}`),
    text.map((rest) => `http://${rest}`),
  );
  fc.assert(
    fc.property(url, text, (target, host) => {
      const checked = checkHead(request(target, ["Host", host]));
      if (checked instanceof RequestError) return;
      expect(checked.host).toBe(host);
      expect(checked.target.startsWith("/")).toBe(true);
      expect(checked.target).not.toContain("#");
      expect(host).not.toMatch(/[\s/@?#\\]/);
    }),
  );
});
