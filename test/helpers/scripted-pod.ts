import { once } from "node:events";
import { type AddressInfo, type Server, createServer } from "node:net";
import type { Dest } from "#core/ports.ts";
import { RawSocket } from "./raw-socket.ts";

/** What a pod does with one connection; the connection is cut when it throws, and left open when it returns. */
export type PodScript = (connection: RawSocket, nth: number) => Promise<void> | void;

/** A pod that does on each connection exactly what a test says, byte for byte. */
export class ScriptedPod implements AsyncDisposable {
  readonly dest: Dest;
  readonly connections: RawSocket[] = [];
  /** What scripts threw. */
  readonly failures: unknown[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.dest = { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
  }

  static async start(script: PodScript): Promise<ScriptedPod> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const pod = new ScriptedPod(server);
    server.on("connection", (socket) => {
      const connection = new RawSocket(socket);
      pod.connections.push(connection);
      void pod.#run(script, connection, pod.connections.length);
    });
    return pod;
  }

  /** Answers every request alike, on any number of connections; `seen` collects the requests. */
  static answering(
    answer: string,
    seen: Awaited<ReturnType<RawSocket["message"]>>[] = [],
  ): Promise<ScriptedPod> {
    return ScriptedPod.start(async (connection) => {
      while (!connection.ended && !connection.closed) {
        const request = await connection.message().catch(() => undefined);
        if (request === undefined) return;
        seen.push(request);
        connection.send(answer);
      }
    });
  }

  async #run(script: PodScript, connection: RawSocket, nth: number): Promise<void> {
    try {
      await script(connection, nth);
    } catch (error) {
      this.failures.push(error);
      connection.socket.destroy();
    }
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
