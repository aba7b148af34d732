import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { type Running, residentBytes } from "./process.ts";

const COUNT = 1000;

export interface Memory {
  readonly idleMiB: number;
  /** Beyond idle, per connection that had its answer and stays open. */
  readonly kibPerIdle: number;
  /** Beyond idle, per request that a pod holds. */
  readonly kibPerHeld: number;
}

/** What a fresh process holds, and what each of a thousand connections adds. */
export const measureMemory = async (proxy: Running): Promise<Memory> => {
  // Whatever is made at the first request is not what a connection costs.
  await cut(await open(proxy.port, 20, "/"));
  const idle = residentBytes(proxy.pid);
  const waiting = await open(proxy.port, COUNT, "/");
  const withIdle = residentBytes(proxy.pid);
  await cut(waiting);
  const before = residentBytes(proxy.pid);
  const held = await open(proxy.port, COUNT, "/hold");
  const withHeld = residentBytes(proxy.pid);
  await cut(held);
  const kib = (bytes: number): number => bytes / 1024 / COUNT;
  return {
    idleMiB: idle / 1024 / 1024,
    kibPerIdle: kib(withIdle - idle),
    kibPerHeld: kib(withHeld - Math.min(before, idle)),
  };
};

const open = async (port: number, count: number, path: string): Promise<Socket[]> => {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    socket.on("error", () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: hello.default\r\n\r\n`);
    if (path === "/") await once(socket, "data");
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return sockets;
};

const cut = async (sockets: readonly Socket[]): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 500));
};
