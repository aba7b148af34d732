import { Agent } from "node:http";
import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { ForwardingEngine } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { PlainTransfer } from "./plain-transfer.ts";

/**
 * Forwards on `node:http`: slower than undici, but it sends whatever HTTP/1.1 has: chunked bodies with trailers,
 * `Expect: 100-continue`, upgrades, `OPTIONS *`, and a head whose body has not begun to come (ADR 0007).
 */
export class PlainEngine implements ForwardingEngine {
  readonly #parts: ForwardParts;
  readonly #agent: Agent;
  readonly #tunnels = new Set<PlainTransfer>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
    this.#agent = new Agent({ keepAlive: true, timeout: parts.podIdleMs, scheduling: "lifo" });
  }

  get connections(): number {
    const { sockets, freeSockets } = this.#agent;
    let sum = this.#tunnels.size;
    for (const list of [...Object.values(sockets), ...Object.values(freeSockets)]) sum += list?.length ?? 0;
    return sum;
  }

  async forward(exchange: Exchange, dest: Dest): Promise<void> {
    if (exchange.cancelled !== undefined) throw exchange.cancelled;
    const transfer = new PlainTransfer(exchange, dest, { ...this.#parts, agent: this.#agent });
    if (exchange.inbound.upgrade === undefined) return transfer.run();
    this.#tunnels.add(transfer);
    try {
      await transfer.run();
    } finally {
      this.#tunnels.delete(transfer);
    }
  }

  close(): void {
    this.#agent.destroy();
    for (const transfer of this.#tunnels) transfer.destroy();
  }
}
