import type { Route } from "#core/ports.ts";
import type { ListeningService } from "./events.ts";
import type { Plan } from "./plan/plan.ts";

export const urlOf = ({ host, port }: Route): string => `http://${host}:${port}`;

/** The Services of a plan with where they listen. */
export const listening = ({ services }: Plan, routes: readonly Route[]): ListeningService[] =>
  services.map(({ revision: { id, name, namespace, ports }, scaled }) => {
    const listens = routes
      .filter((route) => route.id === id)
      .map((route) => {
        const port = ports[route.portIndex]!;
        return { name: port.name, port: port.port, url: urlOf(route) };
      });
    return { name, namespace, url: listens[0]!.url, ports: listens, scaled };
  });
