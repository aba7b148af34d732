import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { Inbound } from "../inbound.ts";
import type { ForwardingEngine } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { Http2Engine } from "./http2-engine.ts";
import { PlainEngine } from "./plain-engine.ts";
import { TcpEngine } from "./tcp-engine.ts";
import { UndiciEngine } from "./undici-engine.ts";

/** Gives each request to the engine that can send it at the least cost. */
export class Forwarder implements ForwardingEngine {
  readonly #usual: UndiciEngine;
  readonly #plain: PlainEngine;
  readonly #http2: Http2Engine;
  readonly #tcp: TcpEngine;

  constructor(parts: ForwardParts) {
    this.#usual = new UndiciEngine(parts);
    this.#plain = new PlainEngine(parts);
    this.#http2 = new Http2Engine(parts, this.#plain);
    this.#tcp = new TcpEngine(parts);
  }

  get connections(): number {
    return this.#all.reduce((sum, { connections }) => sum + connections, 0);
  }

  forward(exchange: Exchange, dest: Dest): Promise<void> {
    const { body } = exchange.inbound;
    if (body?.length === undefined || body.begun) return this.#engineFor(exchange).forward(exchange, dest);
    // A body that came with its head is there when the parser is through with what it was given.
    return Promise.resolve().then(() => this.#engineFor(exchange).forward(exchange, dest));
  }

  get #all(): readonly ForwardingEngine[] {
    return [this.#usual, this.#plain, this.#http2, this.#tcp];
  }

  #engineFor({ inbound, revision, portIndex }: Exchange): ForwardingEngine {
    if (inbound.raw) return this.#tcp;
    if (revision?.ports[portIndex]?.protocol === "h2c") return this.#http2;
    return isUsual(inbound) ? this.#usual : this.#plain;
  }

  close(): void {
    for (const engine of this.#all) engine.close();
  }
}

/**
 * undici cannot send trailers, `Expect`, `OPTIONS *` and fields of its own choice besides an upgrade, and it keeps
 * the head back until the first bytes of the body are there.
 */
const isUsual = ({ body, expectsContinue, upgrade, target }: Inbound): boolean => {
  if (upgrade !== undefined || target === "*") return false;
  return body === undefined || (body.length !== undefined && body.begun && !expectsContinue);
};
