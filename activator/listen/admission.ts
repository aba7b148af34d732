import type { ClientLimits } from "#core/revision.ts";
import type { Entrance } from "./connection.ts";
import { ConnectionLimit } from "./connection-limit.ts";

interface AdmissionLimits {
  /** To one port; 0 = no limit. */
  readonly maxConnectionsPerPort: number;
  /** From one address; 0 = no limit. */
  readonly maxConnectionsPerClient: number;
  /** What the Service behind an entrance sets. */
  readonly limitsOf: (entrance: Entrance) => ClientLimits | undefined;
}

/** Says which connections are taken: a flood on one port, or from one client, leaves room for the others. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #ofPort = new ConnectionLimit<Entrance>();
  readonly #ofClient = new ConnectionLimit<string>();
  /** Clients of ports whose Service limits them. */
  readonly #clientsOf = new WeakMap<Entrance, ConnectionLimit<string>>();

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Counts one more connection and gives what is to be called at its end; undefined = there is no room for it. */
  admit(entrance: Entrance, peer: string): (() => void) | undefined {
    const { maxConnectionsPerPort, maxConnectionsPerClient, limitsOf } = this.#limits;
    const own = limitsOf(entrance);
    if (!this.#ofPort.allows(entrance, own?.connections ?? maxConnectionsPerPort)) return undefined;
    if (!this.#ofClient.allows(peer, maxConnectionsPerClient)) return undefined;
    const here = own?.connectionsPerClient === undefined ? undefined : this.#clients(entrance);
    if (here?.allows(peer, own!.connectionsPerClient!) === false) return undefined;
    const everywhere = maxConnectionsPerClient === 0 ? undefined : this.#ofClient;
    this.#ofPort.enter(entrance);
    everywhere?.enter(peer);
    here?.enter(peer);
    return () => {
      this.#ofPort.leave(entrance);
      everywhere?.leave(peer);
      here?.leave(peer);
    };
  }

  #clients(entrance: Entrance): ConnectionLimit<string> {
    const known = this.#clientsOf.get(entrance);
    if (known !== undefined) return known;
    const made = new ConnectionLimit<string>();
    this.#clientsOf.set(entrance, made);
    return made;
  }
}
