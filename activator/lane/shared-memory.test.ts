import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { until } from "../../test/helpers/until.ts";
import { copyOf, readMemory, readWith, shareMemory } from "./shared-memory.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of one connection, the accepted one as the lane has it. */
const pair = async (): Promise<{ client: Socket; socket: Socket; server: Server }> => {
  const server = createServer({ allowHalfOpen: true });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const shared = accepted.then(([socket]) => shareMemory(socket));
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => {});
  const socket = await shared;
  socket.on("error", () => {});
  return { client, socket, server };
};

test("bytes are given in the shared memory, and as a stream once nobody reads them so", async () => {
  const { client, socket } = await pair();
  const seen: string[] = [];
  readWith(socket, (bytes) => {
    expect(bytes.buffer).toBe(readMemory.buffer);
    seen.push(bytes.toString());
  });
  client.write("one");
  await until(() => seen.length === 1);
  readWith(socket, undefined);
  socket.pause();
  socket.unshift(copyOf(Buffer.from("put back ")));
  client.write("two");
  const rest: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => rest.push(chunk));
  socket.resume();
  await until(() => Buffer.concat(rest).toString() === "put back two");
  expect(rest.every((chunk) => chunk.buffer !== readMemory.buffer)).toBe(true);
  client.end();
  await once(socket, "end");
  expect(seen).toEqual(["one"]);
});

test("a stream that nobody reads is not read from the connection either, and loses nothing", async () => {
  const { client, socket } = await pair();
  const sent = Buffer.alloc(8 * 1024 * 1024, "0123456789");
  const written = new Promise<void>((resolve) => void client.end(sent, () => resolve()));
  await until(() => socket.readableLength > 0);
  expect(socket.readableLength).toBeLessThan(1024 * 1024);
  const got: Buffer[] = [];
  for await (const chunk of socket) got.push(chunk as Buffer);
  await written;
  expect(Buffer.concat(got).equals(sent)).toBe(true);
});

test("its end is the connection's: the server knows when the last one has gone", async () => {
  const { client, socket, server } = await pair();
  const closed = once(server, "close");
  servers.pop();
  server.close();
  readWith(socket, () => {});
  expect(socket.remoteAddress).toBe("127.0.0.1");
  client.destroy();
  await once(socket, "end");
  socket.destroy();
  await closed;
});

test("a socket that is not as expected is used as it is", async () => {
  const { socket } = await pair();
  const bare = { _handle: {} } as unknown as Socket;
  expect(shareMemory(bare)).toBe(bare);
  expect(shareMemory(socket)).not.toBe(socket);
});
