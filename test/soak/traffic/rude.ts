import { constants } from "node:http2";
import { Http2Client } from "../../helpers/http2-client.ts";
import { RawSocket } from "../../helpers/raw-socket.ts";
import { until } from "../../helpers/until.ts";
import { type Outcome, failed, judged, right } from "../outcome.ts";
import { type Action, type Visitor, sleep } from "./action.ts";
import { webActions } from "./http.ts";

const H = "Host: a\r\n";
const get = `GET /small?id=1 HTTP/1.1\r\n${H}`;
/** What is no request, and the status of its refusal. */
const refused: readonly (readonly [name: string, bytes: string, status: number])[] = [
  [
    "two framings",
    `POST / HTTP/1.1\r\n${H}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["two lengths", `POST / HTTP/1.1\r\n${H}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["bare LF", `GET / HTTP/1.1\n${H}\r\n`, 400],
  ["a blank before the colon", `${get}X : y\r\n\r\n`, 400],
  ["NUL", `${get}X: \0\r\n\r\n`, 400],
  ["a folded line", `${get}X: a\r\n b\r\n\r\n`, 400],
  ["a bad chunk", `POST /sum HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400],
  ["CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 400],
  ["a head of 70 KB", `${get}X: ${"a".repeat(70_000)}\r\n\r\n`, 431],
  ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
];

const withSocket = async (
  { port }: Visitor,
  body: (socket: RawSocket) => Promise<Outcome>,
): Promise<Outcome> => {
  const socket = await RawSocket.connect(port);
  try {
    return await body(socket);
  } catch (error) {
    return failed("cut", (error as Error).message, socket.received > 0);
  } finally {
    socket.socket.destroy();
  }
};

const malformed = (visitor: Visitor): Promise<Outcome> => {
  const [name, bytes, status] = visitor.random.pick(refused);
  return withSocket(visitor, async (socket) => {
    socket.send(bytes);
    await socket.seeClosed();
    return judged(socket.text.startsWith(`HTTP/1.1 ${status} `), `${name}: ${socket.text.slice(0, 200)}`);
  });
};

/** Heads and bodies that stop in the middle: the client waits, closes its side, or is gone. */
const unfinished = (visitor: Visitor): Promise<Outcome> =>
  withSocket(visitor, async (socket) => {
    const { random } = visitor;
    socket.send(
      random.pick([
        "GE",
        get,
        `${get}X: `,
        `POST /sum HTTP/1.1\r\n${H}Content-Length: 1000\r\n\r\nabc`,
        `POST /sum HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n5\r\nab`,
        "PRI * HTTP/2.0\r\n",
      ]),
    );
    await sleep(random.between(0, 200));
    if (random.chance(0.3)) socket.end();
    else if (random.chance(0.5)) socket.reset();
    return { kind: "left" };
  });

const pipelined = (visitor: Visitor): Promise<Outcome> =>
  withSocket(visitor, async (socket) => {
    const count = visitor.random.between(2, 100);
    for (let i = 0; i < count; i++) socket.send(`GET /small?id=${i} HTTP/1.1\r\n${H}\r\n`);
    if (visitor.random.chance(0.2)) return { kind: "left" };
    for (let i = 0; i < count; i++) {
      const { first, body } = await socket.message();
      if (body.toString() !== `small ${i}`)
        return failed("wrong answer", `${first} ${body.toString()} for ${i}`, true);
    }
    return right();
  });

/** Streams that are reset as soon as they are opened: the connection must be ended. */
const rapidReset = async ({ url }: Visitor): Promise<Outcome> => {
  using client = await Http2Client.connect(url);
  for (let i = 0; i < 400 && !client.session.destroyed; i++) {
    client.request({ ":path": "/small?id=1" }).close(constants.NGHTTP2_CANCEL);
    if (i % 20 === 0) await sleep(1);
  }
  await until(() => client.session.destroyed, "the end of a connection that resets all it sends");
  // ENHANCE_YOUR_CALM is ours, INTERNAL_ERROR node's, which has limits of its own; what the client still sends resets
  // the connection, which can overtake the word.
  const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR } = constants;
  const ends = [undefined, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR];
  return judged(ends.includes(client.goaway), `GOAWAY ${client.goaway}`);
};

/** What strangers send, between requests that are as good as any. */
export const rudeActions: readonly Action[] = [
  ...webActions.slice(0, 4),
  { name: "malformed", run: malformed },
  { name: "unfinished", run: unfinished },
  { name: "pipelined", repeatable: true, run: pipelined },
  { name: "rapid reset", run: rapidReset },
];
