/** What a pod says, and all that a client may see of it. */
export interface AnswerCase {
  readonly what: string;
  /** Sent for the first request, piece by piece. */
  readonly pod: readonly string[];
  /** The pod closes its side behind it. */
  readonly ends?: true;
  /** The client's answer: status and body. "cut" = its head came, its end did not. */
  readonly client: readonly [status: number, body: string] | "cut";
  /** Whether the pod's connection carries the next request. */
  readonly reused: boolean;
  /** Where the parser behind another way is more lenient, or stricter; what is passed on is in good form. */
  readonly undici?: readonly [status: number, body: string];
  readonly "node:http"?: readonly [status: number, body: string];
  /** What must be in the client's head, and what must not be there. */
  readonly has?: string;
  readonly hasNot?: string;
}

const ok = "HTTP/1.1 200 OK\r\n";
const sized = `${ok}Content-Length: 5\r\n\r\nhello`;
const coded = (body: string, fields = ""): string =>
  `${ok}${fields}Transfer-Encoding: chunked\r\n\r\n${body}`;
const withField = (field: string): string => `${ok}${field}\r\nContent-Length: 5\r\n\r\nhello`;
const evil = "HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil";

/** No byte of it reaches the client: 502. */
const refused = (what: string, pod: string): AnswerCase => ({
  what,
  pod: [pod],
  client: [502, ""],
  reused: false,
  hasNot: "Evil",
});
/** The parsers of undici and node take it, and read nothing else in it than what is passed on. */
const lenient: Pick<AnswerCase, "undici" | "node:http"> = {
  undici: [200, "hello"],
  "node:http": [200, "hello"],
};
const cut = (what: string, pod: string): AnswerCase => ({ what, pod: [pod], client: "cut", reused: false });
const passed = (what: string, pod: string, body = "hello"): AnswerCase => ({
  what,
  pod: [pod],
  client: [200, body],
  reused: true,
});
/** Good, but what comes behind it makes the connection useless. */
const last = (what: string, pod: string, body = "hello"): AnswerCase => ({
  ...passed(what, pod, body),
  reused: false,
  hasNot: "Evil",
});

export const answers: readonly AnswerCase[] = [
  refused("length and chunks", `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  refused("chunks and length", `${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`),
  refused("two lengths", `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`),
  refused("two equal lengths", `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`),
  refused("a list of lengths", `${ok}Content-Length: 5, 5\r\n\r\nhello`),
  refused("a negative length", `${ok}Content-Length: -5\r\n\r\nhello`),
  refused("a length with a plus", `${ok}Content-Length: +5\r\n\r\nhello`),
  refused("a hexadecimal length", `${ok}Content-Length: 0x5\r\n\r\nhello`),
  refused("an empty length", `${ok}Content-Length:\r\n\r\nhello`),
  refused("a length beyond 64 bits", `${ok}Content-Length: 99999999999999999999\r\n\r\nhello`),
  refused("a length with a space before the colon", `${ok}Content-Length : 5\r\n\r\nhello`),
  refused("a length on a folded line", `${ok}Content-Length:\r\n 5\r\n\r\nhello`),
  refused("chunked not last", `${ok}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`),
  refused("chunked twice", `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  refused("another coding", `${ok}Transfer-Encoding: gzip\r\n\r\nhello`),
  refused("a coding before chunked", `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`),
  refused("nearly chunked", `${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`),
  refused("chunked with a space before the colon", `${ok}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`),
  refused("a bare LF in a value", withField("X-A: 1\nX-Evil: 1")),
  refused("a bare CR in a value", withField("X-A: 1\rX-Evil: 1")),
  refused("a NUL in a value", withField("X-A: a\0b")),
  refused("an escape in a value", withField("X-A: a\x1bb")),
  refused("a DEL in a value", withField("X-A: a\x7fb")),
  refused("a folded line", withField("X-A: 1\r\n X-Evil: 1")),
  refused("a line folded with a tab", withField("X-A: 1\r\n\tX-Evil: 1")),
  refused("a space before the colon", withField("X-A : 1")),
  refused("a space in a name", withField("X A: 1")),
  refused("a NUL in a name", withField("X\0A: 1")),
  refused("an empty name", withField(": 1")),
  refused("a line without a colon", withField("X-Evil")),
  refused("a blank before the first field", `${ok} X-A: 1\r\nContent-Length: 0\r\n\r\n`),
  refused("a head of bare LFs", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
  refused("a status line with a bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello"),
  refused("a reason with a bare CR", "HTTP/1.1 200 O\rK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a reason with a NUL", "HTTP/1.1 200 O\0K\r\nContent-Length: 5\r\n\r\nhello"),
  refused("no status", "HTTP/1.1 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a status of letters", "HTTP/1.1 2x0 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a status of 0", "HTTP/1.1 000 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("a negative status", "HTTP/1.1 -200 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("two blanks before the status", "HTTP/1.1  200 OK\r\nContent-Length: 5\r\n\r\nhello"),
  { ...refused("HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"), ...lenient },
  { ...refused("HTTP/0.9 by its number", "HTTP/0.9 200 OK\r\nContent-Length: 5\r\n\r\nhello"), ...lenient },
  refused("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
  refused("HTTP/0.9", "<html>Evil</html>\r\n"),
  { ...refused("another protocol", "RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"), ...lenient },
  refused("a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused(
    "a 101 that nobody asked for",
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nEvil",
  ),
  refused("a head of more than 64 KiB", withField(`X-A: ${"a".repeat(66_000)}`)),
  {
    ...refused(
      "a reason of more than 64 KiB",
      `HTTP/1.1 200 ${"a".repeat(66_000)}\r\nContent-Length: 5\r\n\r\nhello`,
    ),
    undici: [200, "hello"],
  },
  cut("a size that is none", coded("zz\r\nhello\r\n0\r\n\r\n")),
  cut("a size with 0x", coded("0x5\r\nhello\r\n0\r\n\r\n")),
  cut("a size with a minus", coded("-5\r\nhello\r\n0\r\n\r\n")),
  cut("a size beyond 64 bits", coded("fffffffffffffffff\r\nhello\r\n0\r\n\r\n")),
  cut("a size with a bare LF", coded("5\nhello\r\n0\r\n\r\n")),
  cut("a size with a blank behind", coded("5 \r\nhello\r\n0\r\n\r\n")),
  cut("a chunk longer than its size", coded("2\r\nhello\r\n0\r\n\r\n")),
  cut("a chunk without its end", coded("5\r\nhello0\r\n\r\n")),
  cut("a chunk that ends in a bare LF", coded("5\r\nhello\n0\r\n\r\n")),
  cut("an extension with a bare LF", coded("5;a\nhello\r\n0\r\n\r\n")),
  cut("a trailer with a bare LF", coded("5\r\nhello\r\n0\r\nX-A: 1\nX-Evil: 1\r\n\r\n")),
  cut("a trailer without a colon", coded("5\r\nhello\r\n0\r\nX-Evil\r\n\r\n")),
  { ...cut("a length that is not kept", `${ok}Content-Length: 9\r\n\r\nhello`), ends: true },
  { ...cut("chunks without an end", coded("5\r\nhello\r\n")), ends: true },
  { ...refused("a head without an end", "HTTP/1.1 200 OK\r\nX-A"), ends: true },
  { ...refused("nothing", ""), ends: true },
  last("bytes behind the length", `${sized}Evil`),
  last("an answer behind the answer", `${sized}${evil}`),
  last("bytes behind the last chunk", `${coded("5\r\nhello\r\n0\r\n\r\n")}Evil`),
  last("an answer behind the last chunk", `${coded("5\r\nhello\r\n0\r\n\r\n")}${evil}`),
  last("an answer behind a 204", `HTTP/1.1 204 No Content\r\n\r\n${evil}`, ""),
  last("a body of a 204", `HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello`, ""),
  last("a body of a 304", `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello`, ""),
  last("Connection: close", withField("Connection: close")),
  { ...last("a body until the end", `${ok}\r\nhello`), ends: true },
  { ...last("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"), ends: true },
  { ...passed("one piece a byte", ""), pod: sized.split("") },
  passed("chunks", coded("5\r\nhello\r\n0\r\n\r\n")),
  passed("chunks with extensions", coded("5;a=b\r\nhello\r\n0;c\r\n\r\n")),
  { ...passed("a 100 that nobody asked for", `HTTP/1.1 100 Continue\r\n\r\n${sized}`), undici: [502, ""] },
  passed("a 103", `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${sized}`),
  passed("a hundred 1xx", `${"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100)}${sized}`),
  passed("bytes above ASCII", withField("X-A: \xe9\xff")),
  passed("an empty reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello"),
  {
    ...passed("escapes that nobody decodes", withField("Location: /%0d%0aX-Evil:1")),
    has: "Location: /%0d%0aX-Evil:1",
  },
  { ...passed("fields that Connection names", withField("Connection: X-Evil\r\nX-Evil: 1")), hasNot: "Evil" },
  { ...passed("Keep-Alive", withField("Keep-Alive: timeout=900")), hasNot: "timeout=900" },
  {
    ...passed("trailers that would change the head", coded("5\r\nhello\r\n0\r\nSet-Cookie: Evil\r\n\r\n")),
    hasNot: "Evil",
  },
];
