import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Dest } from "#core/ports.ts";

/** A pod as far as a TCP probe sees it: an address of its own that accepts connections only while it is told to. */
export class PodServer implements AsyncDisposable {
  readonly dest: Dest;
  /** Connections it was offered. */
  accepted = 0;
  #server: Server | undefined;

  private constructor(host: string, port: number) {
    this.dest = { key: `${host}:${port}`, host, ports: [port] };
  }

  /**
   * Takes a free port on a loopback address of its own, so that nobody else gets it while it is closed; accepts at
   * once, or refuses until `open` is called.
   */
  static async start(state: "open" | "closed"): Promise<PodServer> {
    const first = createServer();
    const host = `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;
    await once(first.listen(0, host), "listening");
    const pod = new PodServer(host, (first.address() as AddressInfo).port);
    await new Promise((resolve) => first.close(resolve));
    if (state === "open") await pod.open();
    return pod;
  }

  async open(): Promise<void> {
    const server = createServer((socket) => {
      this.accepted++;
      socket.on("error", () => undefined).resume();
    });
    await once(server.listen(this.dest.ports[0], this.dest.host), "listening");
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
