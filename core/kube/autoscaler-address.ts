import type { Clock } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { KubeClient } from "./client.ts";
import type { Lease } from "./objects.ts";
import { pathOfAll, resources } from "./resources.ts";
import { Watched } from "./watch.ts";

/** The leading autoscaler's Lease, in Pilotlight's namespace. */
export const AUTOSCALER_LEASE = "pilotlight-autoscaler";

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** The name that an autoscaler holds the Lease by: who it is, and where it takes stats. */
export const leaderIdentity = (pod: string, host: string, port: number): string =>
  `${pod}_${bracketed(host)}:${port}`;

/** `ws://host:port` of the holder; undefined when nobody holds it, or its name does not tell. */
export const addressOfLeader = (lease: Lease | undefined): string | undefined => {
  const match = /^[^_]+_(.+:\d+)$/.exec(lease?.spec?.holderIdentity ?? "");
  return match === null ? undefined : `ws://${match[1]!}`;
};

export interface LeaderWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly namespace: string;
  /** Called with the address of the leading autoscaler whenever it is another one. */
  readonly onLeader: (address: string) => void;
}

/**
 * Follows the autoscaler's Lease. One that nobody holds keeps the last address: its holder is the best guess
 * until there is another.
 */
export const watchLeader = (options: LeaderWatchOptions): Watched<Lease> => {
  const { client, clock, log, namespace, onLeader } = options;
  const selection = {
    path: pathOfAll(resources.leases, namespace),
    fieldSelector: `metadata.name=${AUTOSCALER_LEASE}`,
  };
  const watched = new Watched<Lease>({ client, clock, log, selection });
  let known: string | undefined;
  watched.subscribe((_key, now) => {
    const address = addressOfLeader(now);
    if (address === undefined || address === known) return;
    known = address;
    onLeader(address);
  });
  return watched;
};
