import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

/** Tries to connect until it succeeds, one try after the other, a quarter of a millisecond apart. */
export const untilConnects = async (host: string, port: number): Promise<void> => {
  for (;;) {
    const socket = net.connect({ host, port });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 0.25));
  }
};

export const freePort = async (): Promise<number> => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/** Milliseconds from the spawn of the process to its first accepted connection, with nothing in between. */
export const measureFloor = async (command: readonly [string, ...string[]]): Promise<number> => {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(command[0], command.slice(1), {
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
  });
  await untilConnects("127.0.0.1", port);
  const took = performance.now() - start;
  child.kill("SIGKILL");
  await once(child, "exit");
  return took;
};
