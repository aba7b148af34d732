import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RequestError } from "#core/errors.ts";
import { readHead } from "./http2-head.ts";

const get = [":method", "GET", ":scheme", "http", ":authority", "a.b:80", ":path", "/x?y"];

test("an HTTP/1.1 head of an HTTP/2 one", () => {
  expect(readHead([...get, "x", "1", "cookie", "a=1", "x", "2", "cookie", "b=2"])).toEqual({
    method: "GET",
    target: "/x?y",
    host: "a.b:80",
    fields: ["host", "a.b:80", "x", "1", "x", "2", "cookie", "a=1; b=2"],
    upgrade: undefined,
  });
  expect(readHead([":method", "GET", ":path", "/", "host", "h"])).toMatchObject({ host: "h" });
  expect(readHead([":method", "OPTIONS", ":path", "*"])).toMatchObject({ target: "*", fields: [] });
});

test("a WebSocket is an upgrade, with a key of its own each time", () => {
  const connect = [":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":path", "/c"];
  const [one, two] = [readHead(connect), readHead(connect)];
  expect(one).toMatchObject({ method: "GET", target: "/c", upgrade: "websocket" });
  expect(one).not.toEqual(two);
});

test.each([
  ["two Host fields", [...get, "host", "a.b:80", "host", "a.b:80"]],
  ["a Host of another", [...get, "host", "c"]],
  ["a strange authority", [":method", "GET", ":path", "/", ":authority", "a b"]],
  ["no path", [":method", "GET"]],
  ["an absolute path", [":method", "GET", ":path", "http://a/"]],
  ["* for GET", [":method", "GET", ":path", "*"]],
])("%s is refused", (_, raw) => {
  expect(readHead(raw)).toBeInstanceOf(RequestError);
});

test("no field is lost or made up, and none is a pseudo-header field", () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,10}$/).filter((n) => n !== "host" && n !== "cookie");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
      const head = readHead([...get, ...pairs.flat()]);
      expect(head).toMatchObject({ fields: ["host", "a.b:80", ...pairs.flat()] });
    }),
  );
});
