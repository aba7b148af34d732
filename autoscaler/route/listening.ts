import type { EndpointSlice } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import { activatorPortOf } from "./public-slices.ts";

/** Whether an activator accepts a connection there. Never rejects. */
export type Connects = (address: string, port: number) => Promise<boolean>;

/**
 * Which activators were seen to listen on the port that a slice reserves. By slice, not by port: a port that is
 * given to another Service must be asked about anew.
 */
export class Listening {
  readonly #connects: Connects;
  readonly #seen = new Map<string, Set<string>>();

  constructor(connects: Connects) {
    this.#connects = connects;
  }

  has(slices: readonly EndpointSlice[], address: string, port: number): boolean {
    return slices.some(
      (slice) => activatorPortOf(slice) === port && this.#seen.get(identity(slice))?.has(address) === true,
    );
  }

  /** Asks; resolves with whether somebody new was found. */
  async ask(
    slices: readonly EndpointSlice[],
    probes: readonly { readonly address: string; readonly port: number }[],
  ): Promise<boolean> {
    const answers = await Promise.all(
      probes.map(async ({ address, port }) => {
        const listens = await this.#connects(address, port);
        if (listens) this.#note(slices, address, port);
        return listens;
      }),
    );
    return answers.includes(true);
  }

  /** An activator that went may come back as another one with the same address. */
  keepOnly(addresses: ReadonlySet<string>): void {
    for (const seen of this.#seen.values()) {
      for (const address of seen) if (!addresses.has(address)) seen.delete(address);
    }
  }

  forget(slice: EndpointSlice): void {
    this.#seen.delete(identity(slice));
  }

  #note(slices: readonly EndpointSlice[], address: string, port: number): void {
    for (const slice of slices) {
      if (activatorPortOf(slice) !== port) continue;
      const seen = this.#seen.get(identity(slice)) ?? new Set();
      this.#seen.set(identity(slice), seen.add(address));
    }
  }
}

const identity = (slice: EndpointSlice): string =>
  `${keyOf(slice)} ${slice.metadata.uid ?? ""} ${activatorPortOf(slice) ?? 0}`;
