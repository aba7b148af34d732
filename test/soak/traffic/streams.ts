import { once } from "node:events";
import { WebSocket } from "ws";
import { type Outcome, failed, right } from "../outcome.ts";
import { type Action, type Visitor, sleep } from "./action.ts";
import { askFor } from "./ask.ts";

const events = async (visitor: Visitor): Promise<Outcome> => {
  const { random } = visitor;
  const count = random.between(5, 30);
  const leaves = random.chance(0.3) ? { leaveAfterMs: random.between(10, 400) } : {};
  const path = `/events?count=${count}&every=${random.between(10, 60)}`;
  const all = Array.from({ length: count }, (_, i) => `data: ${i}\n\n`).join("");
  return askFor(
    visitor,
    { path, headers: { accept: "text/event-stream" }, ...leaves },
    // One write of the pod's is one piece here, or two when they came together; all in one would have been kept back.
    ({ body, pieces }) => body.toString() === all && pieces > 2,
  );
};

const poll = (visitor: Visitor): Promise<Outcome> => {
  const { random } = visitor;
  const leaves = random.chance(0.2) ? { leaveAfterMs: random.between(10, 1000) } : {};
  const question = { path: `/late?ms=${random.between(200, 1500)}`, ...leaves };
  return askFor(visitor, question, ({ status, body }) => status === 200 && body.toString() === "late");
};

/** Echoes messages of many sizes, then closes, vanishes, or stays open for a while. */
const chat = async ({ url, random }: Visitor): Promise<Outcome> => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, {
    perMessageDeflate: random.chance(0.5),
  });
  socket.on("error", () => {});
  const opened = await openOrWhy(socket);
  if (opened !== undefined) return opened;
  const closed = once(socket, "close") as Promise<[number]>;
  const messages = random.between(1, 20);
  const last = random.chance(0.3) ? random.between(0, messages) : undefined;
  for (let i = 0; i < messages; i++) {
    if (i === last) {
      socket.terminate();
      return { kind: "left" };
    }
    const sent = Buffer.alloc(random.pick([1, 100, 1000, 70_000]), String(i));
    const echo = once(socket, "message") as Promise<[Buffer]>;
    socket.send(sent);
    const back = await Promise.race([echo, closed]);
    if (typeof back[0] === "number") return failed(`websocket ${back[0]}`, `after ${i} messages`, true);
    if (!sent.equals(back[0])) return failed("wrong answer", "another message came back", true);
    await sleep(random.between(0, 60));
  }
  socket.close(1000);
  const [code] = await closed;
  return code === 1000 ? right() : failed(`websocket ${code}`, "at the end", true);
};

/** undefined = it is open. */
const openOrWhy = (socket: WebSocket): Promise<Outcome | undefined> =>
  new Promise((resolve) => {
    socket.on("open", () => resolve(undefined));
    socket.on("unexpected-response", (_, response) => {
      resolve(failed(`websocket ${response.statusCode}`, "no upgrade"));
      response.destroy();
    });
    socket.on("error", (error) => resolve(failed("cut", error.message)));
  });

/** A Service of streams that stay open. */
export const liveActions: readonly Action[] = [
  { name: "server-sent events", run: events },
  { name: "long polling", repeatable: true, run: poll },
  { name: "WebSocket", run: chat },
];
