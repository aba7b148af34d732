import type { Route, Routes } from "#core/ports.ts";
import { Listeners } from "./listeners.ts";

/** Which port of this machine belongs to which port of which Service. */
export class RouteTable implements Routes {
  #routes: readonly Route[] = [];
  readonly #changed = new Listeners<void>();

  list(): readonly Route[] {
    return this.#routes;
  }

  subscribe(listener: () => void): Disposable {
    return this.#changed.subscribe(listener);
  }

  replace(routes: readonly Route[]): void {
    this.#routes = routes;
    this.#changed.tell();
  }
}
