import type { Socket } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Routes } from "#core/ports.ts";
import type { TimerWheel } from "#core/timer-wheel.ts";
import type { Entrance } from "./connection.ts";
import { ListeningPort } from "./entrances.ts";
import { Http1Server, type Http1Parts } from "./http1-server.ts";
import { RoutePorts } from "./route-ports.ts";

export interface ListenerParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly wheel: TimerWheel;
  readonly routes: Routes;
  readonly host: string;
  readonly frontPort: number | undefined;
  readonly drainMs: Millis;
  readonly maxConnections: number;
  readonly http1: Pick<Http1Parts, "handle" | "onRefused" | "limits">;
}

/** All ports that take requests, and the good end of their connections. */
export class Listener implements Part {
  readonly name = "listener";
  readonly #parts: ListenerParts;
  readonly #server: Http1Server;
  readonly #routePorts: RoutePorts;
  readonly #front: ListeningPort | undefined;
  #emptied: (() => void) | undefined;
  #draining = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    const { clock, wheel, log, host, frontPort, routes } = parts;
    this.#server = new Http1Server({ clock, wheel, ...parts.http1, onIdle: () => this.#settle() });
    const entrance = { log, wheel, accept: (socket: Socket, from: Entrance) => this.#accept(socket, from) };
    this.#front =
      frontPort === undefined ? undefined : new ListeningPort({ host, port: frontPort }, entrance);
    this.#routePorts = new RoutePorts(routes, { ...entrance, onClosed: (port) => this.#endIdle(port) });
  }

  get frontPort(): number | undefined {
    return this.#front?.port;
  }

  get connections(): number {
    return this.#server.connections.size;
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
    for (const connection of this.#server.connections) connection.closeIfIdle();
    await this.#emptyOr(signal);
    await this.#cutAll();
    this.#server.close();
  }

  /** Whoever has no answer yet is told why, before the connection is cut. */
  async #cutAll(): Promise<void> {
    if (this.connections === 0) return;
    for (const connection of this.#server.connections) connection.cancel(new RequestError("shutting_down"));
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of this.#server.connections) connection.socket.destroy();
  }

  #emptyOr(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#emptied = resolve;
      this.#settle();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #accept(socket: Socket, entrance: Entrance): void {
    if (this.connections >= this.#parts.maxConnections) return void socket.destroy();
    this.#server.accept(socket, entrance);
    socket.on("close", () => this.#settle());
  }

  #settle(): void {
    if (this.connections === 0 && this.#server.open === 0) this.#emptied?.();
  }

  #endIdle(entrance: Entrance): void {
    for (const connection of this.#server.connections) {
      if (connection.entrance === entrance) connection.closeIfIdle();
    }
  }
}
