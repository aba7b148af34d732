import http from "node:http";
import { type Outcome, codeOf, failed, right } from "../outcome.ts";
import { type Visitor, sleep } from "./action.ts";

export interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Buffer;
  /** Sent in pieces, with this many milliseconds between them; chunked unless the headers have a length. */
  readonly pieces?: { readonly count: number; readonly everyMs: number };
  /** The client goes away after this time, whatever it has got. */
  readonly leaveAfterMs?: number;
  /** Reads 16 KB at a time with this many milliseconds between. */
  readonly readEveryMs?: number;
}

export interface Seen {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Buffer;
  readonly informed: number;
  /** When each piece of the answer came. */
  readonly pieces: number;
}

type Reply = Seen | { readonly left: true } | { readonly cut: string; readonly begun: boolean };

/** One request of HTTP/1.1, by node's own client. Never rejects. */
const ask = (visitor: Visitor, question: Question): Promise<Reply> =>
  new Promise((resolve) => {
    const { path, method = "GET", headers = {}, body, leaveAfterMs } = question;
    const request = http.request(`${visitor.url}${path}`, { agent: visitor.agent, method, headers });
    let left = false;
    let informed = 0;
    let begun = false;
    const leave =
      leaveAfterMs === undefined
        ? undefined
        : setTimeout(() => {
            left = true;
            request.destroy();
            resolve({ left });
          }, leaveAfterMs);
    const end = (reply: Reply): void => {
      clearTimeout(leave);
      resolve(reply);
    };
    const cut = (error: Error): void => end(left ? { left } : { cut: error.message, begun });
    request.on("information", () => informed++);
    request.on("error", cut);
    request.on("response", (response) => {
      begun = true;
      read(response, question, (got) => end({ ...got, informed }), cut);
    });
    void send(request, body, question.pieces);
  });

const read = (
  response: http.IncomingMessage,
  { readEveryMs }: Question,
  done: (seen: Omit<Seen, "informed">) => void,
  cut: (error: Error) => void,
): void => {
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (readEveryMs === undefined) return;
    response.pause();
    setTimeout(() => response.resume(), readEveryMs);
  });
  response.on("error", cut).on("aborted", () => cut(new Error("aborted")));
  response.on("end", () => {
    const { statusCode: status = 0, headers, trailers } = response;
    done({ status, headers, trailers, body: Buffer.concat(chunks), pieces: chunks.length });
  });
};

const send = async (
  request: http.ClientRequest,
  body: Buffer | undefined,
  pieces: Question["pieces"],
): Promise<void> => {
  if (body === undefined || pieces === undefined) return void request.end(body);
  const size = Math.ceil(body.length / pieces.count);
  for (let at = 0; at < body.length && !request.destroyed; at += size) {
    request.write(body.subarray(at, at + size));
    await sleep(pieces.everyMs);
  }
  request.end();
};

/** The outcome of a question whose answer must pass `fits`. */
export const askFor = async (
  visitor: Visitor,
  question: Question,
  fits: (seen: Seen) => boolean,
): Promise<Outcome> => {
  const reply = await ask(visitor, question);
  if ("left" in reply) return { kind: "left" };
  if ("cut" in reply) return failed("cut", reply.cut, reply.begun);
  if (fits(reply)) return right();
  const text = reply.body.toString("latin1", 0, 300);
  // An error answer of ours comes instead of the pod's: of that nothing had come.
  if (reply.status >= 400) return failed(codeOf(reply.status, text), text, false);
  return failed(
    "wrong answer",
    `${reply.status} ${JSON.stringify(reply.headers)} ${reply.body.length} ${text}`,
    true,
  );
};
