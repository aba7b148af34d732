import type { Clock, Millis } from "#core/clock.ts";
import type { EndpointSlice } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import { older } from "#core/kube/routes.ts";
import type { Store } from "#core/kube/watch.ts";
import { activatorPortOf } from "./public-slices.ts";

/** Activators go on listening for a while after a slice is gone, and must not be taken for another Service's. */
const QUARANTINE_MS: Millis = 60_000;

/** Which slice holds which activator port: what is written in the slices, the oldest first. */
export class Reservations {
  readonly #clock: Clock;
  readonly #holders = new Map<number, Map<string, EndpointSlice>>();
  readonly #freed = new Map<number, Millis>();

  constructor(slices: Store<EndpointSlice>, clock: Clock) {
    this.#clock = clock;
    for (const slice of slices.values()) this.#add(slice);
    slices.subscribe((key, now, before) => {
      if (before !== undefined) this.#remove(key, before);
      if (now !== undefined) this.#add(now);
    });
  }

  /** The key of the holding slice, or something else that is no slice's key when the port was freed just now. */
  holder(port: number): string | undefined {
    let oldest: EndpointSlice | undefined;
    for (const slice of this.#holders.get(port)?.values() ?? []) {
      if (oldest === undefined || older(slice, oldest)) oldest = slice;
    }
    if (oldest !== undefined) return keyOf(oldest);
    const freed = this.#freed.get(port);
    if (freed === undefined) return undefined;
    if (this.#clock.now() < freed + QUARANTINE_MS) return "freed a moment ago";
    this.#freed.delete(port);
    return undefined;
  }

  #add(slice: EndpointSlice): void {
    const port = activatorPortOf(slice);
    if (port === undefined) return;
    const holders = this.#holders.get(port) ?? new Map<string, EndpointSlice>();
    this.#holders.set(port, holders.set(keyOf(slice), slice));
  }

  #remove(key: string, slice: EndpointSlice): void {
    const port = activatorPortOf(slice);
    const holders = port === undefined ? undefined : this.#holders.get(port);
    if (port === undefined || holders === undefined) return;
    holders.delete(key);
    if (holders.size > 0) return;
    this.#holders.delete(port);
    this.#freed.set(port, this.#clock.now());
  }
}
