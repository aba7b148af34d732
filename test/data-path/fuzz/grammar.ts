/** Clients' bytes for the fuzz: requests that are nearly right, one after the other. */
import * as fc from "fast-check";

const pick = <T>(...values: T[]) => fc.constantFrom(...values);
/** The first one most of the time. */
const mostly = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: pick(...others) });

const lineEnd = mostly("\r\n", "\n", "\r", "\r\r\n", "\n\r");
const method = pick("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "SOURCE", "M-SEARCH");
const target = mostly(
  "/a",
  "/a?b=%00",
  "/",
  "//a/../b",
  "*",
  "http://hello.default/u",
  "a",
  "/a b",
  "/\xe9",
  "/a#b",
);
const version = mostly("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ");
const separator = mostly(" ", "  ", "\t");
const hostLine = mostly(
  "Host: hello.default",
  "host:hello.default",
  "Host : hello.default",
  "Host: hello.default\r\nHost: b",
);

const field = pick(
  "X-A: 1",
  "X-A:",
  "x-b:\t2 ",
  "X-A : 1",
  "X-A: 1\r\n 2",
  " X-A: 1",
  "X-A\0: 1",
  "X-A: \x80\xff",
  "X-A: a\rb",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: X-A, Content-Length",
  "Connection: Upgrade\r\nUpgrade: x",
  "TE: trailers",
  "Expect: 100-continue",
  "Trailer: X-T",
);

const framingField = pick(
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding:\x0bchunked",
  "Transfer_Encoding: chunked",
  "Content-Length: 0",
  "Content-Length: 3",
  "Content-Length: +3",
  "Content-Length: 3, 3",
);

const data = pick("", "abc", "0\r\n\r\n", "GET /in HTTP/1.1\r\nHost: hello.default\r\n\r\n");
const chunk = fc.record({
  data: pick("a", "abc", "0\r\n\r\n", "hello world, hello"),
  prefix: mostly("", "0", "0x", " ", "+"),
  extension: mostly("", ";a=b", ";", " ;a", ";a\n", "\t"),
  end: lineEnd,
});

const chunksOf = (
  chunks: readonly { data: string; prefix: string; extension: string; end: string }[],
): string =>
  chunks
    .map(
      ({ data, prefix, extension, end }) =>
        `${prefix}${data.length.toString(16)}${extension}\r\n${data}${end}`,
    )
    .join("");

/** Fields and body of one framing or another. */
const framing = fc.oneof(
  fc.constant({ line: "", body: "" }),
  data.map((body) => ({ line: `Content-Length: ${body.length}\r\n`, body })),
  fc.tuple(data, fc.integer({ min: -2, max: 2 })).map(([body, off]) => ({
    line: `Content-Length: ${Math.max(0, body.length + off)}\r\n`,
    body,
  })),
  fc
    .tuple(
      fc.array(chunk, { maxLength: 3 }),
      mostly("0\r\n\r\n", "0\r\nX-T: 1\r\n\r\n", "00;a\r\n\r\n", "0\r\n\n"),
    )
    .map(([chunks, last]) => ({ line: "Transfer-Encoding: chunked\r\n", body: chunksOf(chunks) + last })),
);

const request = fc
  .record({
    method,
    target,
    version,
    separator,
    hostLine,
    framing,
    end: lineEnd,
    fields: fc.array(fc.oneof(field, framingField), { maxLength: 2 }),
  })
  .map(
    (r) =>
      `${r.method}${r.separator}${r.target} ${r.version}${r.end}${r.hostLine}\r\n` +
      `${r.fields.map((line) => `${line}\r\n`).join("")}${r.framing.line}\r\n${r.framing.body}`,
  );

/** Requests without a fault of their own, so that mutations get far. */
const plain = fc
  .record({ method, framing })
  .map((r) => `${r.method} /p HTTP/1.1\r\nHost: hello.default\r\n${r.framing.line}\r\n${r.framing.body}`);

const scrap = pick(
  "\r",
  "\n",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
  "\x0b",
  "\x7f",
  "\x80",
  "5",
  "f",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 3\r\n",
  "Host: b\r\n",
  " HTTP/1.1",
  "chunked",
  "GET /x HTTP/1.1\r\n",
);

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: pick(0, 0, 0, 1, 2, 5),
  insert: fc.oneof(fc.constant(""), scrap),
});

const mutated = (text: string, mutations: readonly Mutation[]): string => {
  let out = text;
  for (const { at, remove, insert } of mutations) {
    const place = Math.floor(at * out.length);
    out = out.slice(0, place) + insert + out.slice(place + remove);
  }
  return out;
};

const one = fc.oneof({ weight: 2, arbitrary: request }, { weight: 3, arbitrary: plain });
const mutations = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
);

/**
 * All that one client sends on a connection: several requests at once, or each by itself, which is when the lane
 * takes them.
 */
export const clientBytes: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc
    .tuple(fc.array(one, { minLength: 1, maxLength: 3 }), mutations)
    .map(([requests, mutations]) => [mutated(requests.join(""), mutations)]),
  fc.array(
    fc.tuple(one, mutations).map(([request, mutations]) => mutated(request, mutations)),
    { minLength: 1, maxLength: 2 },
  ),
);
