import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";

/** Ports `[from, to)`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const SPAN = 12_000;

/**
 * Ports below the kernel's range for outgoing connections. Above it, an outgoing connection could hold a
 * pod's port; worse, a probe of a port where nobody listens yet can be given that very port as its own and
 * then connects to itself.
 */
export const podPortRange = (): PortRange => {
  const low = firstEphemeral();
  return { from: low - SPAN, to: low };
};

const firstEphemeral = (): number => {
  try {
    const low = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/)[0]);
    return low > 2 * SPAN ? low : 32_768;
  } catch {
    return 32_768;
  }
};

/** Listens on a port of 127.0.0.1; undefined when it is taken or not allowed. */
export const hold = async (port: number): Promise<Server | undefined> => {
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
