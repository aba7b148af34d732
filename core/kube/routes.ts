import type { Clock, Millis } from "#core/clock.ts";
import type { Route, Routes } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { revisionId } from "#core/revision.ts";
import { SERVICE_NAME, SERVICE_PORT } from "./names.ts";
import type { EndpointSlice } from "./objects.ts";
import { keyOf } from "./objects.ts";
import type { Store } from "./watch.ts";

export interface SliceRoutesDeps {
  readonly clock: Clock;
  /** Our own slices. */
  readonly slices: Store<EndpointSlice>;
  readonly revision: (id: RevisionId) => Revision | undefined;
  /** The address to listen on: `::` takes IPv4 as well. */
  readonly host: string;
}

/**
 * Time that a port is still listened on after its slice is gone: kube-proxies take a moment to learn that
 * nobody is to be sent there any more.
 */
const LINGER_MS: Millis = 5000;

/** A port of this machine for each port of each Service that we route, as our slices reserve them. */
export class SliceRoutes implements Routes {
  readonly #deps: SliceRoutesDeps;
  readonly #slices = new Map<string, { slice: EndpointSlice; gone: boolean }>();
  readonly #listeners = new Set<() => void>();

  constructor(deps: SliceRoutesDeps) {
    this.#deps = deps;
    deps.slices.subscribe((key, now, before) => {
      const slice = (now ?? before)!;
      this.#slices.set(key, { slice, gone: now === undefined });
      if (now === undefined) deps.clock.after(LINGER_MS, () => this.#forget(key, slice));
      this.changed();
    });
  }

  list(): readonly Route[] {
    const routes = new Map<number, { route: Route; slice: EndpointSlice }>();
    for (const { slice } of this.#slices.values()) {
      const route = this.#routeOf(slice);
      if (route === undefined) continue;
      const other = routes.get(route.port);
      if (other === undefined || older(slice, other.slice)) routes.set(route.port, { route, slice });
    }
    return [...routes.values()].map(({ route }) => route);
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Also when a revision's ports are others. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #forget(key: string, slice: EndpointSlice): void {
    const known = this.#slices.get(key);
    if (known?.slice !== slice || !known.gone) return;
    this.#slices.delete(key);
    this.changed();
  }

  #routeOf(slice: EndpointSlice): Route | undefined {
    const { namespace, labels } = slice.metadata;
    const id = revisionId(namespace ?? "", labels?.[SERVICE_NAME] ?? "");
    const port = slice.ports?.[0]?.port;
    const revision = this.#deps.revision(id);
    if (port === undefined || revision === undefined) return undefined;
    const portIndex = indexOf(slice, revision);
    return portIndex < 0 ? undefined : { id, portIndex, host: this.#deps.host, port };
  }
}

/** By the port's name; of a port that was renamed just now by its number. */
const indexOf = (slice: EndpointSlice, { ports }: Revision): number => {
  const name = slice.ports?.[0]?.name ?? "";
  const byName = ports.findIndex((port) => port.name === name);
  if (byName >= 0) return byName;
  const number = slice.metadata.annotations?.[SERVICE_PORT];
  return ports.findIndex(({ port }) => String(port) === number);
};

/** Of two slices with one port the older one has it, as the autoscaler sees it too. */
export const older = (a: EndpointSlice, b: EndpointSlice): boolean => ageOf(a) < ageOf(b);

const ageOf = (slice: EndpointSlice): string => `${slice.metadata.creationTimestamp ?? ""} ${keyOf(slice)}`;
