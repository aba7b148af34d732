import { once } from "node:events";
import http2, { type ClientHttp2Session } from "node:http2";
import { type Client, status } from "@grpc/grpc-js";
import { grpcClient, statusOf, unary } from "../../helpers/grpc-echo.ts";
import { type Outcome, failed, judged } from "../outcome.ts";
import type { Action, Visitor } from "./action.ts";

const same = (bytes: Buffer): Buffer => bytes;

/** What grpc-js has open: it forgets connections that come to be while their client is closed. */
const sessions = new Set<ClientHttp2Session>();
const { connect } = http2;
http2.connect = ((...args: Parameters<typeof connect>) => {
  const session = connect(...args);
  sessions.add(session);
  return session.on("close", () => sessions.delete(session));
}) as typeof connect;

/** Ends what is left of them; when no client is open. */
export const endForgotten = (): void => {
  for (const session of sessions) session.destroy();
};

/** With a client of its own; most programs have one for long, but each of these is a connection to look after. */
const call =
  (body: (client: Client, visitor: Visitor) => Promise<Outcome>) =>
  async (visitor: Visitor): Promise<Outcome> => {
    const client = grpcClient(`127.0.0.1:${visitor.port}`);
    try {
      return await body(client, visitor);
    } finally {
      client.close();
    }
  };

const ended = (code: number, wanted: number, details: string, good = true): Outcome =>
  code === wanted ? judged(good, details) : failed(`grpc ${status[code]}`, details, true);

const collected = async (client: Client, visitor: Visitor): Promise<Outcome> => {
  const count = visitor.random.between(1, 20);
  let answer: Buffer | undefined;
  const stream = client.makeClientStreamRequest(
    "/test.Echo/Collect",
    same,
    same,
    (_, value) => (answer = value),
  );
  const end = statusOf(stream);
  for (let i = 0; i < count; i++) stream.write(Buffer.alloc(1000));
  stream.end();
  const { code, details } = await end;
  await new Promise((resolve) => setImmediate(resolve));
  return ended(code, status.OK, details, answer?.toString() === String(count * 1000));
};

const repeated = async (client: Client, { random }: Visitor): Promise<Outcome> => {
  const stream = client.makeServerStreamRequest(
    "/test.Echo/Repeat",
    same,
    same,
    Buffer.alloc(random.between(1, 5000)),
  );
  let count = 0;
  stream.on("data", () => count++);
  const { code, details } = await statusOf(stream);
  return ended(code, status.OK, details, count === 20);
};

const chatted = async (client: Client, { random }: Visitor): Promise<Outcome> => {
  const stream = client.makeBidiStreamRequest("/test.Echo/Chat", same, same);
  const end = statusOf(stream);
  const count = random.between(1, 15);
  const cancelAt = random.chance(0.3) ? random.between(0, count) : undefined;
  for (let i = 0; i < count; i++) {
    if (i === cancelAt) {
      stream.cancel();
      const { code, details } = await end;
      const outcome = ended(code, status.CANCELLED, details);
      return outcome.kind === "right" ? { kind: "left" } : outcome;
    }
    const back = once(stream, "data") as Promise<[Buffer]>;
    stream.write(Buffer.from(`message ${i}`));
    const seen = await Promise.race([back.catch(() => undefined), end]);
    if (!Array.isArray(seen))
      return failed(`grpc ${status[(seen ?? (await end)).code]}`, (await end).details, true);
  }
  stream.end();
  const { code, details } = await end;
  return ended(code, status.OK, details);
};

/** The four kinds of calls, cancellations and deadlines. */
export const grpcActions: readonly Action[] = [
  {
    name: "unary",
    run: call(async (client, { random }) => {
      const sent = Buffer.alloc(random.pick([1, 1000, 100_000]), "m");
      const { code, details, value } = await unary(client, sent);
      return ended(code, status.OK, details, value?.equals(sent));
    }),
  },
  { name: "client stream", run: call(collected) },
  { name: "server stream", run: call(repeated) },
  { name: "both ways", run: call(chatted) },
  {
    name: "deadline",
    run: call(async (client, { random }) => {
      const deadline = Date.now() + random.between(50, 500);
      const { code, details } = await unary(client, Buffer.from("S"), { deadline });
      return ended(code, status.DEADLINE_EXCEEDED, details);
    }),
  },
];
