import type { Millis } from "#core/clock.ts";
import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { ForwardingEngine } from "../forward/engine.ts";
import { LaneInbound } from "./lane-inbound.ts";
import { LaneTransfer } from "./lane-transfer.ts";
import { PodPool, type PodPoolParts } from "./pod-pool.ts";

export interface LaneEngineParts extends PodPoolParts {
  readonly maxHeadBytes: number;
  readonly podIdleMs: Millis;
  /** Forwards what came another way. */
  readonly general: ForwardingEngine;
}

/** Forwards what came in the lane on its own connections to pods, and leaves the rest to the general engine. */
export class LaneEngine implements ForwardingEngine {
  readonly #parts: LaneEngineParts;
  readonly #pools = new Map<string, PodPool>();

  constructor(parts: LaneEngineParts) {
    this.#parts = parts;
  }

  get connections(): number {
    let sum = this.#parts.general.connections;
    for (const pool of this.#pools.values()) sum += pool.size;
    return sum;
  }

  forward(exchange: Exchange, dest: Dest): Promise<void> {
    const { inbound } = exchange;
    const http1 = exchange.revision?.ports[exchange.portIndex]?.protocol !== "h2c";
    if (!(inbound instanceof LaneInbound) || !http1) return this.#parts.general.forward(exchange, dest);
    if (exchange.cancelled !== undefined) return Promise.reject(exchange.cancelled);
    const pool = this.#poolOf(dest, exchange.portIndex);
    return new Promise((resolve, reject) => {
      new LaneTransfer({ exchange, inbound, pool }, this.#parts, resolve, reject).begin();
    });
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#parts.general.close();
  }

  #poolOf({ key, host, ports }: Dest, portIndex: number): PodPool {
    const name = portIndex === 0 ? key : `${key} ${portIndex}`;
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const made = new PodPool({ host, port: ports[portIndex]! }, this.#parts, () => this.#pools.delete(name));
    this.#pools.set(name, made);
    return made;
  }
}
