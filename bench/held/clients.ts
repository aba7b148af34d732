import { once } from "node:events";
import { type Socket, connect } from "node:net";

/** As a program's client sends it, on a connection that it keeps. */
const head = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: service-0.default.svc.cluster.local",
    "User-Agent: Go-http-client/1.1",
    "Accept: application/json",
    "Accept-Encoding: gzip",
    "Connection: keep-alive",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "",
    "",
  ].join("\r\n");

/** Connections that each carry one request after another. */
export class Clients {
  readonly #sockets: Socket[] = [];
  /** Answers since the last `send`. */
  answered = 0;
  wrong = 0;
  lastAt = 0;

  async open(port: number, count: number): Promise<void> {
    while (this.#sockets.length < count) {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("error", () => this.wrong++).on("data", (bytes) => this.#onData(bytes));
      this.#sockets.push(socket);
      // A few at a time: this is not about how fast connections are taken.
      if (this.#sockets.length % 50 === 0) await once(socket, "connect");
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  /** One request on each connection, in order, its number as path. */
  send(): void {
    this.answered = 0;
    this.#sockets.forEach((socket, i) => socket.write(head(`/${i}`)));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #onData(bytes: Buffer): void {
    this.answered++;
    this.lastAt = performance.now();
    if (!bytes.toString("latin1").startsWith("HTTP/1.1 200 ")) this.wrong++;
  }
}
