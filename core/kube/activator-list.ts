import type { Clock } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import { type ActivatorAddress, activatorsIn } from "./activators.ts";
import type { KubeClient } from "./client.ts";
import { SERVICE_NAME } from "./names.ts";
import type { EndpointSlice } from "./objects.ts";
import { pathOfAll, resources } from "./resources.ts";
import { Watched } from "./watch.ts";

export interface ActivatorListOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly namespace: string;
  /** The Service in front of the activators themselves. */
  readonly service: string;
}

export interface ActivatorList {
  readonly watch: Watched<EndpointSlice>;
  list(): readonly ActivatorAddress[];
  subscribe(listener: () => void): Disposable;
}

/** The activators that are ready, kept as they come and go. */
export const watchActivators = (options: ActivatorListOptions): ActivatorList => {
  const { client, clock, log, namespace, service } = options;
  const selection = {
    path: pathOfAll(resources.endpointSlices, namespace),
    labelSelector: `${SERVICE_NAME}=${service}`,
  };
  const watch = new Watched<EndpointSlice>({ client, clock, log, selection });
  return {
    watch,
    list: () => activatorsIn(watch),
    subscribe: (listener) => watch.subscribe(() => listener()),
  };
};
