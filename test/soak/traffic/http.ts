import { createHash } from "node:crypto";
import type { Action, Visitor } from "./action.ts";
import { type Question, type Seen, askFor } from "./ask.ts";

const hundredKilobytes = "abcdefghij".repeat(10_000);
const sumOf = (body: Buffer): string => `${body.length} ${createHash("sha1").update(body).digest("hex")}`;

/** What a browser sends beyond the target and the Host. */
const browser = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-language": "en-GB,en;q=0.7,de;q=0.3",
  "accept-encoding": "gzip, deflate, br, zstd",
  referer: "http://shop.example/list?page=2",
  cookie: "session=0123456789abcdef0123456789abcdef; theme=dark; seen=1764322800",
  "upgrade-insecure-requests": "1",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "same-origin",
  "sec-fetch-user": "?1",
  dnt: "1",
  priority: "u=0, i",
};

/** One in twelve clients loses its patience: at once, or in the middle of it. */
const patience = ({ random }: Visitor, longest: number): Pick<Question, "leaveAfterMs"> =>
  random.chance(1 / 12) ? { leaveAfterMs: random.between(0, longest) } : {};

const get = (
  name: string,
  path: string,
  fits: (seen: Seen) => boolean,
  more: Partial<Question> = {},
): Action => ({
  name,
  repeatable: true,
  run: (visitor) => askFor(visitor, { path, ...more, ...patience(visitor, 20) }, fits),
});

const small = (name: string, headers: Question["headers"] & object): Action => ({
  name,
  repeatable: true,
  run: (visitor) => {
    const id = String(visitor.random.between(0, 1e9));
    const question = { path: `/small?id=${id}`, headers, ...patience(visitor, 8) };
    return askFor(
      visitor,
      question,
      ({ status, body }) => status === 200 && body.toString() === `small ${id}`,
    );
  },
});

const post = (name: string, size: readonly [number, number], more: Partial<Question> = {}): Action => ({
  name,
  run: (visitor) => {
    const body = Buffer.alloc(visitor.random.between(...size), String(visitor.random.next()));
    const question: Question = { path: "/sum", method: "POST", body, ...more, ...patience(visitor, 60) };
    return askFor(visitor, question, (seen) => seen.status === 200 && seen.body.toString() === sumOf(body));
  },
});

const isBig = ({ status, body }: Seen): boolean =>
  status === 200 && body.toString("latin1") === hundredKilobytes;

/** A Service of ordinary pages and forms. */
export const webActions: readonly Action[] = [
  ...[1, 2, 3, 4, 5].flatMap(() => [small("GET", {}), small("GET as a browser", browser)]),
  small("GET, connection closed", { connection: "close" }),
  get("GET 100 KB", "/big", isBig),
  get("GET chunked", "/chunked", (seen) => isBig(seen) && seen.trailers["x-end"] === "yes", {
    headers: { te: "trailers" },
  }),
  get("HEAD", "/big", ({ status, headers }) => status === 200 && headers["content-length"] === "100000", {
    method: "HEAD",
  }),
  get(
    "103",
    "/hints",
    ({ status, informed, body }) => status === 200 && informed === 1 && body.toString() === "hinted",
  ),
  post("POST", [0, 1000]),
  post("POST 100 KB", [100_000, 100_000]),
  post("POST chunked", [10_000, 50_000], { pieces: { count: 5, everyMs: 1 } }),
];

/** Uploads and slow readers. */
export const bulkActions: readonly Action[] = [
  post("upload", [1_000_000, 4_000_000]),
  post("upload, expecting 100", [200_000, 400_000], { headers: { expect: "100-continue" } }),
  post("slow upload", [50_000, 100_000], { pieces: { count: 20, everyMs: 20 } }),
  get("slow download", "/big", isBig, { readEveryMs: 30 }),
];

/** A Service whose application has faults of its own, and limits that it runs into. */
export const faultyActions: readonly Action[] = [
  small("GET", {}),
  expecting("pod resets", { path: "/reset" }, [502, "pod_reset"]),
  expecting("pod resets a POST", { path: "/reset", method: "POST", body: Buffer.from("x") }, [
    502,
    "pod_reset",
  ]),
  expecting("answer too late", { path: "/late?ms=4000" }, [504, "response_start_timeout"]),
  torn("answer torn", "/torn"),
  torn("answer stalls", "/stall"),
];

/** An error answer of ours is what should come. */
function expecting(name: string, question: Question, [status, code]: readonly [number, string]): Action {
  return {
    name,
    run: (visitor) =>
      askFor(
        visitor,
        question,
        (seen) => seen.status === status && seen.body.toString().includes(`"code":"${code}"`),
      ),
  };
}

/** An answer that breaks off must break off at the client too: a whole one would be wrong. */
function torn(name: string, path: string): Action {
  return {
    name,
    run: async (visitor) => {
      const outcome = await askFor(visitor, { path }, () => false);
      const broken = outcome.kind === "failed" && outcome.code === "cut" && outcome.begun;
      return broken ? { kind: "right" } : outcome;
    },
  };
}

/** A Service with room for one request in its pod and five in its queue: the others are told so. */
export const tightActions: readonly Action[] = [
  {
    name: "burst of 12",
    repeatable: true,
    run: async (visitor) => {
      const one = () =>
        askFor(visitor, { path: "/late?ms=20" }, ({ status, headers, body }) =>
          status === 503
            ? headers["retry-after"] !== undefined && body.includes('"queue_full"')
            : status === 200 && body.toString() === "late",
        );
      const outcomes = await Promise.all(Array.from({ length: 12 }, one));
      return outcomes.find(({ kind }) => kind === "failed") ?? { kind: "right" };
    },
  },
];
