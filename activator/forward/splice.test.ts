import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { until } from "../../test/helpers/until.ts";
import { reset } from "./reset.ts";
import { splice } from "./splice.ts";

/** Both ends of one connection. */
const pair = async (): Promise<readonly [Socket, Socket]> => {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const there = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(there, "connect");
  const [here] = await accepted;
  server.close();
  return [here, there];
};

const fate = (socket: Socket): { closed: boolean; error: string | undefined } => {
  const seen: { closed: boolean; error: string | undefined } = { closed: false, error: undefined };
  socket.on("error", ({ code }: NodeJS.ErrnoException) => (seen.error = code));
  socket.on("close", () => (seen.closed = true));
  return seen;
};

test.each([
  ["while nothing goes on", () => {}],
  [
    "with bytes that the other side does not take",
    (here: Socket) => void here.write(Buffer.alloc(20_000_000)),
  ],
  ["in the tick in which its end is said", (here: Socket) => void here.end()],
  ["in the tick in which its last bytes are said", (here: Socket) => void here.end("last")],
  ["in the middle of bytes and an end", (here: Socket) => void here.end(Buffer.alloc(20_000_000))],
])("a connection is reset %s: it is closed, and the other side told", async (_, before) => {
  const [here, there] = await pair();
  const [ours, theirs] = [fate(here), fate(there)];
  before(here);
  reset(here);
  await until(() => ours.closed, "its close");
  there.resume();
  there.write("x");
  await until(() => theirs.error !== undefined, "the other side's error");
  expect(["ECONNRESET", "EPIPE"]).toContain(theirs.error);
});

test("whoever breaks within an end: the splice is over, and both sides are closed", async () => {
  for (let i = 0; i < 50; i++) {
    const [client, outer] = await pair();
    const [pod, inner] = await pair();
    const fates = [fate(client), fate(pod)];
    for (const socket of [outer, inner]) socket.on("error", () => {}).resume();
    const over = splice(client, pod, () => {});
    pod.prependOnceListener("prefinish", () => client.resetAndDestroy());
    outer.end("all that I have to say");
    await over;
    expect(fates.map(({ closed }) => closed)).toEqual([true, true]);
  }
});
