/** The receiving end of Knative's stat protocol, a WebSocket server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Clock, Millis } from "#core/clock.ts";
import { KUBE_PROBE_AGENT, KUBELET_PROBE } from "#core/headers.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { StatMessage } from "#core/stat.ts";
import { type FrameFault, readFrame } from "./stat-frame.ts";

/** 50,000 revisions in one frame are about 6 MiB. */
const MAX_PAYLOAD = 16 << 20;
const MAX_CONNECTIONS = 1000;
const KEEP_ALIVE: Millis = 180_000;
const HEAD_LIMIT: Millis = 60_000;
/** We ping too, so that a half-open connection is noticed whatever the other side does. */
const PING: Millis = 10_000;
const CLOSE_LIMIT: Millis = 5000;

export interface StatServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** `source` is one connection. */
  receive(source: string, batch: readonly StatMessage[]): void;
  rejected(fault: FrameFault, count: number): void;
  /** A reporter connected (+1) or its connection ended (−1). */
  linked(change: 1 | -1): void;
  /** The connection of a reporter at this address has ended. */
  lost?(address: string): void;
}

interface Link {
  readonly source: string;
  readonly address: string;
  heard: boolean;
}

/** The receiving end of Knative's stat protocol (`knative.md` 3.13, server rules). */
export class StatServer implements Part {
  readonly name = "stat-server";
  readonly #deps: StatServerDeps;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #links = new Map<WebSocket, Link>();
  #pings: Disposable | undefined;
  #serial = 0;

  constructor(deps: StatServerDeps) {
    this.#deps = deps;
    this.#http = createServer({ headersTimeout: HEAD_LIMIT, maxHeaderSize: 16 << 10 }, answer);
    this.#http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /** The port it listens on; undefined before `start`. */
  get port(): number | undefined {
    return (this.#http.address() as AddressInfo | null)?.port;
  }

  start(): Promise<void> {
    this.#pings = this.#deps.clock.every(PING, () => this.#ping());
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(this.#deps.port, this.#deps.host, () => {
        this.#http.off("error", reject);
        resolve();
      });
    });
  }

  /** Tells every client 1012 `Restarting`, gives them 5 s to hang up, then cuts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#pings?.[Symbol.dispose]();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const socket of this.#links.keys()) socket.close(1012, "Restarting");
    const cut = (): void => {
      for (const socket of this.#links.keys()) socket.terminate();
      this.#http.closeAllConnections();
    };
    const limit = this.#deps.clock.after(CLOSE_LIMIT, cut);
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    await closed;
    signal.removeEventListener("abort", cut);
    limit[Symbol.dispose]();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.#links.size >= MAX_CONNECTIONS) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
      return;
    }
    socket.setKeepAlive(true, KEEP_ALIVE);
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#accept(client, socket));
  }

  #accept(client: WebSocket, socket: Socket): void {
    // An IPv4 address is written as one also where the socket listens for both families.
    const address = (socket.remoteAddress ?? "?").replace(/^::ffff:/, "");
    const link: Link = {
      source: `${address}:${socket.remotePort ?? 0}#${++this.#serial}`,
      address,
      heard: true,
    };
    this.#links.set(client, link);
    this.#deps.linked(1);
    this.#deps.log.info({ source: link.source }, "stat source connected");
    const heard = (): void => void (link.heard = true);
    client.on("ping", heard).on("pong", heard);
    client.on("message", (data, isBinary) => this.#message(link, data, isBinary));
    client.on("error", (error) => this.#failed(error));
    client.on("close", (code) => {
      this.#links.delete(client);
      this.#deps.linked(-1);
      this.#deps.lost?.(link.address);
      this.#deps.log.info({ source: link.source, code }, "stat source gone");
    });
  }

  #message(link: Link, data: RawData, isBinary: boolean): void {
    link.heard = true;
    if (!isBinary) return this.#deps.rejected("text", 1);
    const { messages, faults } = readFrame(data as Buffer, this.#deps.clock.now());
    for (const [fault, count] of Object.entries(faults)) this.#deps.rejected(fault as FrameFault, count);
    if (messages.length > 0) this.#deps.receive(link.source, messages);
  }

  /** A frame that breaks the WebSocket protocol or is too large: the library closes the connection by itself. */
  #failed(error: Error & { readonly code?: string }): void {
    const code = error.code ?? "";
    if (code.startsWith("WS_ERR")) this.#deps.rejected(code.endsWith("LENGTH") ? "oversized" : "protocol", 1);
    this.#deps.log.debug({ err: error.message }, "stat source failed");
  }

  /** Cuts who was silent for a whole period in spite of the last ping, and pings the rest. */
  #ping(): void {
    for (const [socket, link] of this.#links) {
      if (!link.heard) socket.terminate();
      else {
        link.heard = false;
        socket.ping();
      }
    }
  }
}

/** kubelet's probes and everything else that is no upgrade. */
const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const agent = request.headers["user-agent"] ?? "";
  const probe =
    agent.startsWith(KUBE_PROBE_AGENT) || request.headers[KUBELET_PROBE.toLowerCase()] !== undefined;
  response.writeHead(probe ? 200 : 426, probe ? {} : { Upgrade: "websocket", Connection: "Upgrade" });
  response.end();
};
