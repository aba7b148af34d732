import type { Clock } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { KubeClient } from "./client.ts";
import type { ConfigMap } from "./objects.ts";
import { pathOfAll, resources } from "./resources.ts";
import { Watched } from "./watch.ts";

export interface ConfigMapOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly namespace: string;
  readonly name: string;
  /** Called with the data whenever they are read or change; not when the ConfigMap is deleted. */
  readonly feed: (data: Readonly<Record<string, string>>, object: ConfigMap) => void;
}

/** Watches one ConfigMap. */
export const watchConfigMap = (options: ConfigMapOptions): Watched<ConfigMap> => {
  const { client, clock, log, namespace, name, feed } = options;
  const selection = {
    path: pathOfAll(resources.configMaps, namespace),
    fieldSelector: `metadata.name=${name}`,
  };
  const watched = new Watched<ConfigMap>({ client, clock, log, selection });
  watched.subscribe((_key, now) => {
    if (now !== undefined) feed(now.data ?? {}, now);
  });
  return watched;
};
