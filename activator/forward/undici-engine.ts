import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { ForwardingEngine } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { PodConnections } from "./pod-connections.ts";
import { originOf } from "./origin.ts";
import { UndiciTransfer } from "./undici-transfer.ts";

/**
 * Forwards on undici's `dispatch`, which is the cheapest HTTP/1.1 client that Node offers: for requests without a
 * body or with a declared length. What undici cannot send is the plain engine's (ADR 0007).
 */
export class UndiciEngine implements ForwardingEngine {
  readonly #parts: ForwardParts;
  readonly #pods = new Map<string, PodConnections>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  get connections(): number {
    let sum = 0;
    for (const pod of this.#pods.values()) sum += pod.size;
    return sum;
  }

  forward(exchange: Exchange, dest: Dest): Promise<void> {
    if (exchange.cancelled !== undefined) return Promise.reject(exchange.cancelled);
    const pod = this.#podOf(originOf(dest, exchange.portIndex));
    return new Promise((resolve, reject) => {
      new UndiciTransfer({ exchange, pod, clock: this.#parts.clock }, resolve, reject).begin();
    });
  }

  close(): void {
    for (const pod of this.#pods.values()) pod.close();
  }

  #podOf(origin: string): PodConnections {
    const known = this.#pods.get(origin);
    if (known !== undefined) return known;
    const made = new PodConnections(origin, this.#parts, () => this.#pods.delete(origin));
    this.#pods.set(origin, made);
    return made;
  }
}
