import { RawSocket } from "../../helpers/raw-socket.ts";
import { type Outcome, failed, judged } from "../outcome.ts";
import { type Action, type Visitor, sleep } from "./action.ts";

const withSocket =
  (body: (socket: RawSocket, visitor: Visitor) => Promise<Outcome>) =>
  async (visitor: Visitor): Promise<Outcome> => {
    const socket = await RawSocket.connect(visitor.port);
    try {
      return await body(socket, visitor);
    } catch (error) {
      return failed("cut", (error as Error).message, socket.received > 0);
    } finally {
      socket.socket.destroy();
    }
  };

const conversation = async (socket: RawSocket, { random }: Visitor): Promise<Outcome> => {
  const greeting = await socket.takeUntil("\n");
  if (greeting !== "hello") return failed("wrong answer", greeting, true);
  const rounds = random.between(1, 15);
  const last = random.chance(0.2) ? random.between(0, rounds) : undefined;
  for (let i = 0; i < rounds; i++) {
    if (i === last) {
      if (random.chance(0.5)) socket.reset();
      return { kind: "left" };
    }
    const sent = Buffer.alloc(random.pick([1, 500, 60_000]), String(i));
    socket.send(sent);
    const back = await socket.take(sent.length);
    if (!back.equals(sent)) return failed("wrong answer", "other bytes came back", true);
    await sleep(random.between(0, 30));
  }
  socket.end();
  return judged((await socket.takeUntil("\n")) === "bye", "no good-bye");
};

/** Says all it has to say at once, and its end, and only then reads: a half-closed connection. */
const oneBreath = async (socket: RawSocket, { random }: Visitor): Promise<Outcome> => {
  const sent = Buffer.alloc(random.between(1, 300_000), "x");
  socket.send(sent);
  socket.end();
  await socket.takeUntil("\n");
  const back = await socket.take(sent.length);
  return judged(back.equals(sent) && (await socket.takeUntil("\n")) === "bye", "other bytes came back");
};

/** Is gone before anything can have come. */
const passerBy = async (socket: RawSocket, { random }: Visitor): Promise<Outcome> => {
  await sleep(random.between(0, 30));
  if (random.chance(0.5)) socket.reset();
  return { kind: "left" };
};

export const tcpActions: readonly Action[] = [
  { name: "TCP", run: withSocket(conversation) },
  { name: "TCP, half-closed", run: withSocket(oneBreath) },
  { name: "TCP, gone at once", run: withSocket(passerBy) },
];
