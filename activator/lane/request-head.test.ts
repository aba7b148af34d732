import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestFields } from "../forward/request-fields.ts";
import { LaneBody } from "./lane-body.ts";
import type { LaneClient } from "./lane-client.ts";
import { LaneInbound } from "./lane-inbound.ts";
import { readRequestHead } from "./request-head.ts";
import { requestText } from "./write-request.ts";

const read = (text: string, maxBytes = 65_536) => readRequestHead(Buffer.from(text, "latin1"), maxBytes);
const head = (fields: string, line = "GET / HTTP/1.1") => `${line}\r\nHost: a.b\r\n${fields}\r\n`;

describe("for the lane", () => {
  test.each([
    ["a bare GET", head("")],
    ["a query", head("", "GET /a?b=c&d=%20 HTTP/1.1")],
    ["a declared length", head("Content-Length: 5\r\n", "POST / HTTP/1.1")],
    ["keep-alive", head("Connection: Keep-Alive\r\n")],
    ["the last request", head("connection: CLOSE\r\n")],
    ["fields of a proxy before us", head("X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n")],
    ["odd white space", head("X:1\r\nY: \t 2 \r\nZ:\r\n")],
    ["bytes beyond ASCII in a value", head("X: \xe9\r\n")],
  ])("%s", (_, text) => {
    expect(read(text)?.size).toBe(text.length);
  });
});

describe("for the general engine", () => {
  test.each([
    ["half a head", head("").slice(0, -1)],
    ["nothing", ""],
    ["an empty line first", `\r\n${head("")}`],
    ["HTTP/1.0", head("", "GET / HTTP/1.0")],
    ["another version", head("", "GET / HTTP/1.2")],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["another method", head("", "PROPFIND / HTTP/1.1")],
    ["a method in lower case", head("", "get / HTTP/1.1")],
    ["CONNECT", head("", "CONNECT /a:80 HTTP/1.1")],
    ["*", head("", "OPTIONS * HTTP/1.1")],
    ["a URL as target", head("", "GET http://a.b/ HTTP/1.1")],
    ["a fragment", head("", "GET /a#b HTTP/1.1")],
    ["a byte beyond ASCII in the target", head("", "GET /\xe9 HTTP/1.1")],
    ["two spaces in the line", head("", "GET  / HTTP/1.1")],
    ["no Host", "GET / HTTP/1.1\r\nX: 1\r\n\r\n"],
    ["two Hosts", head("Host: a.b\r\n")],
    ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
    ["two lengths", head("Content-Length: 1\r\nContent-Length: 1\r\n")],
    ["a list of lengths", head("Content-Length: 1, 1\r\n")],
    ["a signed length", head("Content-Length: +1\r\n")],
    ["a length with a leading zero", head("Content-Length: 01\r\n")],
    ["a length beyond what is exact", head("Content-Length: 9999999999999999\r\n")],
    ["chunks", head("Transfer-Encoding: chunked\r\n")],
    ["chunks and a length", head("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")],
    ["an upgrade", head("Connection: Upgrade\r\nUpgrade: websocket\r\n")],
    ["an expectation", head("Expect: 100-continue\r\n")],
    ["fields named by Connection", head("Connection: close, X\r\n")],
    ["two Connections", head("Connection: close\r\nConnection: close\r\n")],
    ["Proxy-Connection", head("Proxy-Connection: close\r\n")],
    ["a folded line", head("X: 1\r\n 2\r\n")],
    ["a space before the colon", head("X : 1\r\n")],
    ["a bare LF", head("X: 1\nY: 2\r\n")],
    ["a bare CR", head("X: 1\rY: 2\r\n")],
    ["a NUL", head("X: \0\r\n")],
    ["an empty name", head(": 1\r\n")],
    ["more than a hundred fields", head("X: 1\r\n".repeat(100))],
  ])("%s", (_, text) => {
    expect(read(text)).toBe(undefined);
  });

  test("a head that is larger than allowed", () => {
    const text = head(`X: ${"a".repeat(1000)}\r\n`);
    expect(read(text, text.length)).toBeDefined();
    expect(read(text, text.length - 1)).toBe(undefined);
  });
});

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,16}$/),
  fc.constantFrom(
    "X-Forwarded-For",
    "x-forwarded-proto",
    "Forwarded",
    "TE",
    "Cookie",
    "Connection",
    "Knative-Serving-Namespace",
  ),
);
const field = fc.tuple(
  name,
  fc.constantFrom(": ", ":", ":\t"),
  fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
);

test("what a pod gets is what the rules for every engine say", () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), fc.option(fc.nat(9)), (fields, length) => {
      const lines = fields.map((parts) => `${parts.join("")}\r\n`).join("");
      const framing = length === null ? "" : `Content-Length: ${length}\r\n`;
      const parsed = read(head(lines + framing, "PUT /x HTTP/1.1"));
      if (parsed === undefined) return fc.pre(false);
      const body = length === null || length === 0 ? undefined : new LaneBody(length, () => {});
      const client = { peer: "10.0.0.9" } as LaneClient;
      const inbound = new LaneInbound(parsed, body, client);
      const expected = requestFields(inbound);
      if (body === undefined) expected.push("Content-Length", "0");
      expected.push("Connection", "keep-alive");
      const [line, ...got] = requestText(inbound).split("\r\n");
      expect(line).toBe("PUT /x HTTP/1.1");
      const wanted = expected.flatMap((item, i) => (i % 2 === 0 ? [`${item}: ${expected[i + 1]!}`] : []));
      expect(got).toEqual([...wanted, "", ""]);
    }),
    { numRuns: 1000 },
  );
});
