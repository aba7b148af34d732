import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fields, Inbound, RequestBody } from "../inbound.ts";
import { answerFields } from "./answer-fields.ts";
import { requestFields, trailerFields } from "./request-fields.ts";

const body = {} as RequestBody;

/** As much of an inbound request as its fields need. */
const inbound = (fields: Fields, more: Partial<Inbound> = {}): Inbound => ({
  ...({} as Inbound),
  peer: "10.0.0.9",
  fields,
  body: undefined,
  host: valueOf(fields, "host"),
  field: (name) => valueOf(fields, name),
  ...more,
});

const valuesOf = (fields: Fields, name: string): string[] =>
  fields.filter((_, i) => i % 2 === 1 && fields[i - 1]!.toLowerCase() === name);
const valueOf = (fields: Fields, name: string): string | undefined =>
  valuesOf(fields, name).join(", ") || undefined;
const pairs = (fields: Fields): string[] =>
  fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1]}`] : []));

describe("a request's fields", () => {
  test("order, case and duplicates of ordinary fields stay", () => {
    const fields = ["Host", "a.example:80", "X-One", "1", "accept", "*/*", "X-One", "2", "COOKIE", "a=b"];
    expect(pairs(requestFields(inbound(fields))).slice(0, 5)).toEqual([
      "Host: a.example:80",
      "X-One: 1",
      "accept: */*",
      "X-One: 2",
      "COOKIE: a=b",
    ]);
  });

  test.each([
    ["Connection", "close"],
    ["Proxy-Connection", "keep-alive"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Authorization", "Basic eA=="],
    ["Transfer-Encoding", "chunked"],
    ["Upgrade", "websocket"],
    ["Expect", "100-continue"],
    ["HTTP2-Settings", "AAMAAABkAARAAAAA"],
    ["TE", "gzip"],
    ["Knative-Serving-Namespace", "x"],
    ["knative-serving-revision", "x"],
    ["K-Network-Hash", "x"],
  ])("%s does not reach the pod", (name, value) => {
    const out = requestFields(inbound(["Host", "a", name, value], { body }));
    expect(valuesOf(out, name.toLowerCase())).toEqual([]);
  });

  test("what Connection names ends here, but not the fields that we vouch for", () => {
    const out = requestFields(
      inbound(
        ["Host", "a", "X-Secret", "1", "Content-Length", "3", "X-Forwarded-For", "1.1.1.1"].concat(
          "Connection",
          "x-secret, Host, Content-Length, X-Forwarded-For",
        ),
        { body },
      ),
    );
    expect(valuesOf(out, "x-secret")).toEqual([]);
    expect(valuesOf(out, "host")).toEqual(["a"]);
    expect(valuesOf(out, "content-length")).toEqual(["3"]);
    expect(valuesOf(out, "x-forwarded-for")).toEqual(["1.1.1.1, 10.0.0.9"]);
  });

  test("TE: trailers is kept, and nothing else of it", () => {
    expect(valuesOf(requestFields(inbound(["TE", "gzip, trailers"])), "te")).toEqual(["trailers"]);
  });

  test("the client's address is appended, behind all that came before", () => {
    const out = requestFields(inbound(["X-Forwarded-For", "1.1.1.1", "x-forwarded-for", "2.2.2.2"]));
    expect(valuesOf(out, "x-forwarded-for")).toEqual(["1.1.1.1, 2.2.2.2, 10.0.0.9"]);
  });

  test("proto and host are set when no proxy before us has", () => {
    const first = requestFields(inbound(["Host", "a:8080"]));
    expect(valuesOf(first, "x-forwarded-proto")).toEqual(["http"]);
    expect(valuesOf(first, "x-forwarded-host")).toEqual(["a:8080"]);
    const second = requestFields(
      inbound(["Host", "a", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "b"]),
    );
    expect(valuesOf(second, "x-forwarded-proto")).toEqual(["https"]);
    expect(valuesOf(second, "x-forwarded-host")).toEqual(["b"]);
  });

  test("Forwarded gets an element when there is one, and is not invented", () => {
    expect(valuesOf(requestFields(inbound(["Host", "a"])), "forwarded")).toEqual([]);
    const out = requestFields(inbound(["Host", "a:1", "Forwarded", "for=1.1.1.1"], { peer: "::1" }));
    expect(valuesOf(out, "forwarded")).toEqual(['for=1.1.1.1, for="[::1]";host="a:1";proto=http']);
  });

  test("a declared length of a body that is not there is not passed on", () => {
    expect(valuesOf(requestFields(inbound(["Content-Length", "0"])), "content-length")).toEqual([]);
  });
});

describe("an answer's fields", () => {
  test("fields of the pod's connection end here, the rest stays as it was", () => {
    const out = answerFields(
      ["Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=5", "Transfer-Encoding", "chunked"].concat(
        ["set-cookie", "a=1", "Set-Cookie", "b=2", "Content-Length", "3"],
      ),
    );
    expect(pairs(out)).toEqual(["set-cookie: a=1", "Set-Cookie: b=2", "Content-Length: 3"]);
  });

  test("Server-Timing is added to those the pod sent", () => {
    const out = answerFields(["Server-Timing", "db;dur=3"], "cold;dur=120");
    expect(valuesOf(out, "server-timing")).toEqual(["db;dur=3", "cold;dur=120"]);
  });
});

test("trailers cannot redefine what the head said", () => {
  expect(
    trailerFields([
      "X-Sum",
      "1",
      "Content-Length",
      "9",
      "Host",
      "b",
      "Transfer-Encoding",
      "chunked",
      "Grpc-Status",
      "0",
    ]),
  ).toEqual(["X-Sum", "1", "Grpc-Status", "0"]);
});

test("whatever the fields: nothing of the connection gets through, everything else does, in order", () => {
  const names = fc.constantFrom(
    "Accept",
    "x-a",
    "X-A",
    "Cookie",
    "connection",
    "TE",
    "Keep-Alive",
    "Upgrade",
    "X-Forwarded-For",
  );
  const values = fc.constantFrom("1", "close", "x-a", "keep-alive, X-A", "trailers");
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values), { maxLength: 12 }), (list) => {
      const fields = list.flat();
      const named = valuesOf(fields, "connection").join(",").toLowerCase().includes("x-a");
      const out = requestFields(inbound(fields));
      const ordinary = (all: Fields) =>
        pairs(all).filter((pair) => /^(accept|cookie|x-a):/i.test(pair) && !(named && /^x-a:/i.test(pair)));
      expect(ordinary(out)).toEqual(ordinary(fields));
      expect(pairs(out).filter((pair) => /^(connection|keep-alive|upgrade):/i.test(pair))).toEqual([]);
      if (named) expect(valuesOf(out, "x-a")).toEqual([]);
      expect(valuesOf(out, "x-forwarded-for")[0]).toMatch(/10\.0\.0\.9$/);
    }),
  );
});
