import type { Socket } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Route, Routes } from "#core/ports.ts";
import type { ClientLimits, Protocol } from "#core/revision.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import { Lane } from "../lane/lane.ts";
import { shareMemory } from "../lane/shared-memory.ts";
import { Admission } from "./admission.ts";
import type { Entrance } from "./connection.ts";
import { ListeningPort } from "./entrances.ts";
import type { Http2Limits } from "./http2-connection.ts";
import { Http2Server } from "./http2-server.ts";
import { Http1Server, type Http1Parts } from "./http1-server.ts";
import type { ClientConnection, ProtocolServer } from "./protocol-server.ts";
import { peerAddress } from "./peer-address.ts";
import { RoutePorts } from "./route-ports.ts";
import { Sniffer } from "./sniffer.ts";
import { TcpServer } from "./tcp-server.ts";
import { UnfinishedHeads } from "./unfinished-heads.ts";

export interface ListenerParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly wheel: TimerWheel;
  readonly routes: Routes;
  readonly host: string;
  readonly frontPort: number | undefined;
  readonly drainMs: Millis;
  readonly maxConnections: number;
  /** To one port; 0 = no limit but that. */
  readonly maxConnectionsPerPort: number;
  /** From one address; 0 = no limit but those. */
  readonly maxConnectionsPerClient: number;
  /** Of all connections together. */
  readonly maxUnfinishedHeadBytes: number;
  /** Usual HTTP/1.1 requests go the short way. */
  readonly lane: boolean;
  /** What the Service speaks on the port that a route leads to. */
  readonly protocolOf: (route: Route) => Protocol;
  /** What the Service that a route leads to sets for its clients. */
  readonly limitsOf: (route: Route) => ClientLimits | undefined;
  readonly http1: Pick<Http1Parts, "handle" | "onRefused"> & {
    readonly limits: Http1Parts["limits"] & Http2Limits;
  };
}

/** All ports that take requests, and the good end of their connections. */
export class Listener implements Part {
  readonly name = "listener";
  readonly #parts: ListenerParts;
  readonly #http: Http1Server;
  readonly #tcp: TcpServer;
  /** Tells the two versions of HTTP apart. */
  readonly #sniffer: Sniffer;
  /** Where connections to HTTP/1.1 ports begin: the sniffer, or the lane in front of it. */
  readonly #usual: ProtocolServer;
  readonly #servers: readonly ProtocolServer[];
  readonly #routePorts: RoutePorts;
  readonly #front: ListeningPort | undefined;
  readonly #admission: Admission;
  #emptied: (() => void) | undefined;
  #draining = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    const { clock, wheel, log, host, frontPort, routes } = parts;
    const { handle } = parts.http1;
    const limitsOf = ({ route }: Entrance) => (route === undefined ? undefined : parts.limitsOf(route));
    this.#admission = new Admission({ ...parts, limitsOf });
    const heads = new UnfinishedHeads(parts.maxUnfinishedHeadBytes);
    const onIdle = () => this.#settle();
    this.#http = new Http1Server({ clock, wheel, heads, ...parts.http1, onIdle });
    this.#tcp = new TcpServer({ clock, handle, onIdle });
    const http2 = new Http2Server({ clock, wheel, heads, limitsOf, ...parts.http1, onIdle });
    const { headTimeoutMs, keepAliveMs } = parts.http1.limits;
    const limitMs = Math.min(headTimeoutMs, keepAliveMs);
    const prefersHttp2 = ({ route }: Entrance) => route !== undefined && parts.protocolOf(route) === "h2c";
    this.#sniffer = new Sniffer({ wheel, limitMs, prefersHttp2, http1: this.#http, http2 });
    const handOver = (socket: Socket, from: Entrance) => this.#sniffer.accept(socket, from);
    this.#usual = parts.lane
      ? new Lane({ clock, wheel, heads, ...parts.http1, onIdle, handOver })
      : this.#sniffer;
    this.#servers = [...new Set([this.#usual, this.#sniffer, this.#http, http2, this.#tcp])];
    const entrance = { log, wheel, accept: (socket: Socket, from: Entrance) => this.#accept(socket, from) };
    this.#front =
      frontPort === undefined ? undefined : new ListeningPort({ host, port: frontPort }, entrance);
    this.#routePorts = new RoutePorts(routes, { ...entrance, onClosed: (port) => this.#endIdle(port) });
  }

  get frontPort(): number | undefined {
    return this.#front?.port;
  }

  get connections(): number {
    return this.#servers.reduce((sum, { connections }) => sum + connections.size, 0);
  }

  /** Set as soon as it is to stop: nothing new should be sent here any more. */
  get draining(): boolean {
    return this.#draining;
  }

  async start(): Promise<void> {
    await this.#front?.open();
    await this.#routePorts.start();
  }

  /**
   * In order: (1) not ready any more, but serving as before while others learn of it; (2) no new connections, idle
   * ones end, the others end with their present answer; (3) upgraded ones until they close by themselves. When the
   * signal aborts, everything that is left is cut.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#draining = true;
    await this.#parts.clock.sleep(this.#parts.drainMs, signal).catch(() => {});
    this.#front?.close();
    this.#routePorts.close();
    for (const connection of this.#all()) connection.closeIfIdle();
    await this.#emptyOr(signal);
    await this.#cutAll();
    for (const server of this.#servers) server.close();
  }

  /** Whoever has no answer yet is told why, before the connection is cut. */
  async #cutAll(): Promise<void> {
    if (this.connections === 0) return;
    for (const connection of this.#all()) connection.cancel(new RequestError("shutting_down"));
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of this.#all()) connection.socket.destroy();
  }

  #all(): ClientConnection[] {
    return this.#servers.flatMap(({ connections }) => [...connections]);
  }

  #emptyOr(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#emptied = resolve;
      this.#settle();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #accept(accepted: Socket, entrance: Entrance): void {
    const peer = peerAddress(accepted);
    const full = this.connections >= this.#parts.maxConnections;
    const leave = full ? undefined : this.#admission.admit(entrance, peer);
    if (leave === undefined) return void accepted.destroy();
    const { route } = entrance;
    const server = this.#serverFor(route === undefined ? "http1" : this.#parts.protocolOf(route));
    const socket = server instanceof Lane ? shareMemory(accepted) : accepted;
    socket.on("close", leave);
    server.accept(socket, entrance);
    // When whoever has the connection by then has let go of it.
    socket.on("close", () => process.nextTick(() => this.#settle()));
  }

  #serverFor(protocol: Protocol): ProtocolServer {
    if (protocol === "tcp") return this.#tcp;
    return protocol === "h2c" ? this.#sniffer : this.#usual;
  }

  #settle(): void {
    if (this.connections === 0 && this.#servers.every(({ open }) => open === 0)) this.#emptied?.();
  }

  #endIdle(entrance: Entrance): void {
    for (const connection of this.#all()) {
      if (connection.entrance === entrance) connection.closeIfIdle();
    }
  }
}
