import { type Socket, connect } from "node:net";
import { RequestError } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import { type ForwardingEngine, PodFailure } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { cut, splice } from "./splice.ts";

/** Joins clients' connections with pods', byte for byte: whatever is spoken on them, TLS included. */
export class TcpEngine implements ForwardingEngine {
  readonly #parts: ForwardParts;
  readonly #open = new Map<Socket, Exchange>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  get connections(): number {
    return this.#open.size;
  }

  async forward(exchange: Exchange, dest: Dest): Promise<void> {
    if (exchange.cancelled !== undefined) throw exchange.cancelled;
    const port = dest.ports[exchange.portIndex]!;
    const pod = connect({ host: dest.host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#open.set(pod, exchange);
    pod.on("close", () => this.#open.delete(pod));
    try {
      await this.#connected(pod, exchange);
      await this.#join(pod, exchange);
    } finally {
      exchange.onCancel = undefined;
    }
  }

  close(): void {
    for (const exchange of this.#open.values()) exchange.cancel(new RequestError("shutting_down"));
  }

  #connected(pod: Socket, exchange: Exchange): Promise<void> {
    const { wheel, podConnectMs } = this.#parts;
    const late = () => pod.destroy(new Error(`no connection within ${podConnectMs} ms`));
    const limit = wheel.after(podConnectMs, late);
    exchange.onCancel = (error) => pod.destroy(error);
    return new Promise<void>((resolve, reject) => {
      pod.once("connect", resolve);
      pod.on("error", (error) =>
        reject(exchange.cancelled ?? new PodFailure("pod_refused", { sent: false, reused: false }, error)),
      );
    }).finally(() => limit[Symbol.dispose]());
  }

  #join(pod: Socket, exchange: Exchange): Promise<void> {
    const touch = () => (exchange.podActiveAt = this.#parts.clock.now());
    touch();
    exchange.tunnelled = true;
    exchange.status = 200;
    const client = exchange.inbound.tunnel("", []);
    return new Promise((resolve, reject) => {
      exchange.onCancel = (error) => {
        cut(client);
        cut(pod);
        reject(error);
      };
      void splice(client, pod, touch).then(resolve);
    });
  }
}
