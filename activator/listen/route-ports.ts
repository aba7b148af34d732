import type { Route, Routes } from "#core/ports.ts";
import { type EntranceParts, ListeningPort } from "./entrances.ts";

const addressOf = ({ host, port }: Route): string => `${host}:${port}`;

/** Keeps one listening port per route, as routes come, change and go. */
export class RoutePorts {
  readonly #routes: Routes;
  readonly #parts: EntranceParts & { readonly onClosed: (port: ListeningPort) => void };
  readonly #ports = new Map<string, ListeningPort>();
  #subscription: Disposable | undefined;

  constructor(routes: Routes, parts: EntranceParts & { readonly onClosed: (port: ListeningPort) => void }) {
    this.#routes = routes;
    this.#parts = parts;
  }

  /** Resolves when every port has been tried once. */
  async start(): Promise<void> {
    this.#subscription = this.#routes.subscribe(() => void this.#sync());
    await this.#sync();
  }

  /** Closes all ports and follows the routes no further. */
  close(): void {
    this.#subscription?.[Symbol.dispose]();
    for (const address of this.#ports.keys()) this.#close(address);
  }

  get size(): number {
    return this.#ports.size;
  }

  async #sync(): Promise<void> {
    const wanted = new Map(this.#routes.list().map((route) => [addressOf(route), route]));
    for (const address of this.#ports.keys()) {
      if (!wanted.has(address)) this.#close(address);
    }
    const opening: Promise<void>[] = [];
    for (const [address, route] of wanted) {
      const known = this.#ports.get(address);
      if (known !== undefined) known.route = route;
      else opening.push(this.#open(address, route));
    }
    await Promise.all(opening);
  }

  #open(address: string, route: Route): Promise<void> {
    const port = new ListeningPort({ host: route.host, port: route.port, route }, this.#parts);
    this.#ports.set(address, port);
    return port.keepOpening();
  }

  #close(address: string): void {
    const port = this.#ports.get(address)!;
    this.#ports.delete(address);
    port.close();
    this.#parts.onClosed(port);
  }
}
