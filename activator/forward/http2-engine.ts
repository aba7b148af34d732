import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";
import type { ForwardingEngine } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { Http2Session } from "./http2-session.ts";
import { Http2Transfer } from "./http2-transfer.ts";
import { Http2Tunnel } from "./http2-tunnel.ts";
import { originOf } from "./origin.ts";

/**
 * Forwards by HTTP/2 without TLS, with prior knowledge: the requests to one port of a pod share a connection, and
 * there is a second one only when the pod takes no more on the first.
 */
export class Http2Engine implements ForwardingEngine {
  readonly #parts: ForwardParts;
  readonly #upgrades: ForwardingEngine;
  readonly #pods = new Map<string, Set<Http2Session>>();

  /** `upgrades` forwards those that the pod does not take by HTTP/2. */
  constructor(parts: ForwardParts, upgrades: ForwardingEngine) {
    this.#parts = parts;
    this.#upgrades = upgrades;
  }

  get connections(): number {
    let sum = 0;
    for (const sessions of this.#pods.values()) sum += sessions.size;
    return sum;
  }

  async forward(exchange: Exchange, dest: Dest): Promise<void> {
    if (exchange.cancelled !== undefined) throw exchange.cancelled;
    const session = this.#sessionFor(dest, exchange.portIndex);
    using _counted = session.enter();
    await this.#readyOr(session, exchange);
    if (exchange.inbound.upgrade === undefined) await new Http2Transfer(exchange, session, this.#parts).run();
    else if (await session.canConnect()) await new Http2Tunnel(exchange, session, this.#parts).run();
    else await this.#upgrades.forward(exchange, dest);
    session.served++;
  }

  close(): void {
    for (const sessions of this.#pods.values()) {
      for (const session of sessions) session.destroy();
    }
  }

  async #readyOr(session: Http2Session, exchange: Exchange): Promise<void> {
    const cancelled = Promise.withResolvers<never>();
    exchange.onCancel = cancelled.reject;
    try {
      await Promise.race([session.ready, cancelled.promise]);
    } finally {
      exchange.onCancel = undefined;
    }
    if (exchange.cancelled !== undefined) throw exchange.cancelled;
  }

  #sessionFor(dest: Dest, portIndex: number): Http2Session {
    const origin = originOf(dest, portIndex);
    const sessions = this.#pods.get(origin) ?? new Set<Http2Session>();
    for (const session of sessions) {
      if (session.hasRoom) return session;
    }
    const made = new Http2Session(dest, portIndex, this.#parts);
    sessions.add(made);
    this.#pods.set(origin, sessions);
    made.session.once("close", () => {
      sessions.delete(made);
      if (sessions.size === 0 && this.#pods.get(origin) === sessions) this.#pods.delete(origin);
    });
    return made;
  }
}
