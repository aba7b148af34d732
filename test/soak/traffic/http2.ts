import { constants } from "node:http2";
import { Http2Client, answerOf } from "../../helpers/http2-client.ts";
import { type Outcome, codeOf, failed, judged, right } from "../outcome.ts";
import { type Action, type Visitor, sleep } from "./action.ts";

/** Paths of the pod and what they answer. */
interface Pages {
  readonly small: { readonly path: string; readonly text: string };
  readonly big: string;
  /** Answers a POST with its body, or by its length. */
  readonly post: { readonly path: string; readonly fits: (answer: Buffer, sent: Buffer) => boolean };
}

const one = async (client: Http2Client, pages: Pages, { random }: Visitor): Promise<Outcome> => {
  const what = random.pick(["small", "big", "post", "reset"]);
  const body = Buffer.alloc(random.between(1, 200_000), String(random.next()));
  const { path } = what === "post" ? pages.post : pages.small;
  const stream = client.request(
    { ":path": what === "big" ? pages.big : path, ":method": what === "post" ? "POST" : "GET" },
    what === "post",
  );
  const answer = answerOf(stream).catch((error: Error) => error);
  if (what === "post") stream.end(body);
  if (what === "reset") {
    await sleep(random.between(0, 5));
    stream.close(constants.NGHTTP2_CANCEL);
    await answer;
    return { kind: "left" };
  }
  const seen = await answer;
  if (seen instanceof Error) return failed("cut", `${what}: ${seen.message}`, true);
  const text = seen.body.toString("latin1", 0, 300);
  if (seen.status === 0) return failed("cut", `${what}: no answer`, what === "post");
  if (seen.status >= 400) return failed(codeOf(seen.status, text), `${what}: ${text}`, what === "post");
  if (what === "post") return judged(pages.post.fits(seen.body, body), `${what}: ${text}`);
  if (what === "big")
    return judged(seen.body.toString("latin1") === "abcdefghij".repeat(10_000), `${what}: ${text}`);
  return judged(text === pages.small.text, `${what}: ${text}`);
};

/** A connection with several streams at a time, ended by its client in good order or in the middle of it. */
const multiplexed =
  (pages: Pages) =>
  async (visitor: Visitor): Promise<Outcome> => {
    const { random } = visitor;
    using client = await Http2Client.connect(visitor.url);
    const streams = Array.from({ length: random.between(1, 12) }, () => one(client, pages, visitor));
    if (random.chance(0.1)) {
      await sleep(random.between(0, 10));
      client.session.destroy();
      await Promise.all(streams);
      return { kind: "left" };
    }
    const outcomes = await Promise.all(streams);
    return outcomes.find(({ kind }) => kind === "failed") ?? right();
  };

/** HTTP/2 on both sides. */
export const http2Actions: readonly Action[] = [
  {
    name: "HTTP/2 streams",
    run: multiplexed({
      small: { path: "/small", text: "small" },
      big: "/big",
      post: { path: "/echo", fits: (answer, sent) => answer.equals(sent) },
    }),
  },
];

/** HTTP/2 from clients to a pod that knows HTTP/1.1. */
export const translatedActions: readonly Action[] = [
  {
    name: "HTTP/2 to HTTP/1.1",
    run: multiplexed({
      small: { path: "/small?id=7", text: "small 7" },
      big: "/big",
      post: { path: "/sum", fits: (answer, sent) => answer.toString().startsWith(`${sent.length} `) },
    }),
  },
];
