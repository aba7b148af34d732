/** Free ports at hand. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import { podPortRange, type PortRange } from "./port-range.ts";

/** Listens on a port of 127.0.0.1; undefined when it is taken or not allowed. */
const hold = async (port: number): Promise<Server | undefined> => {
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    await once(server.listen({ port, host: "127.0.0.1" }), "listening");
    return server;
  } catch {
    return undefined;
  }
};

/** Time after a port was taken before the stock is filled again, to stay out of the way of a cold start. */
const REFILL_AFTER_MS: Millis = 200;

/**
 * Ports for pods, taken without waiting. Each one is held by a listening socket until it is given out, so that
 * nobody else gets it; closing a socket frees its port in the same tick.
 */
export class PortStock {
  readonly #clock: Clock;
  readonly #range: PortRange;
  readonly #size: number;
  readonly #held = new Map<number, Server>();
  #refill: Disposable | undefined;
  #filling: Promise<void> | undefined;
  #closed = false;

  constructor(clock: Clock, size: number, range: PortRange = podPortRange()) {
    this.#clock = clock;
    this.#size = size;
    this.#range = range;
  }

  /** `count` ports, or undefined when there are not so many at hand: then `fill` and try again. */
  take(count: number): number[] | undefined {
    if (this.#held.size < count) return undefined;
    const ports = [...this.#held.keys()].slice(0, count);
    for (const port of ports) {
      this.#held.get(port)!.close();
      this.#held.delete(port);
    }
    if (count > 0) this.#refill ??= this.#clock.after(REFILL_AFTER_MS, () => void this.fill());
    return ports;
  }

  /** Resolves when `atLeast` ports are at hand, by default as many as it keeps. */
  async fill(atLeast = this.#size): Promise<void> {
    this.#refill?.[Symbol.dispose]();
    this.#refill = undefined;
    while (!this.#closed && this.#held.size < Math.max(atLeast, this.#size)) {
      this.#filling ??= this.#add().finally(() => (this.#filling = undefined));
      await this.#filling;
    }
  }

  close(): void {
    this.#closed = true;
    this.#refill?.[Symbol.dispose]();
    for (const server of this.#held.values()) server.close();
    this.#held.clear();
  }

  async #add(): Promise<void> {
    const { from, to } = this.#range;
    const port = from + Math.floor(Math.random() * (to - from));
    if (this.#held.has(port)) return;
    const server = await hold(port);
    if (server !== undefined && this.#closed) server.close();
    else if (server !== undefined) this.#held.set(port, server);
  }
}
