import type { Part } from "#core/lifecycle.ts";
import type { Peers, Revisions } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { type ActivatorPlace, placeAmong } from "./subset.ts";

export interface FollowPeersDeps {
  readonly peers: Peers;
  readonly revisions: Revisions;
  readonly throttler: { setActivators(id: RevisionId, place: ActivatorPlace): void };
}

/**
 * Keeps the throttler told which share of each revision's pods is this activator's. When it is not among the
 * activators (not yet, or not any more), what was known before stays in force.
 */
export const followPeers = ({ peers, revisions, throttler }: FollowPeersDeps): Part => {
  const place = (id: RevisionId): void => {
    if (revisions.get(id) === undefined) return;
    const found = placeAmong(peers.addresses(id), peers.self);
    if (found !== undefined) throttler.setActivators(id, found);
  };
  let subscriptions: readonly Disposable[] = [];
  return {
    name: "peers",
    start: () => {
      subscriptions = [peers.subscribe(place), revisions.subscribe(place)];
      for (const { id } of revisions.list()) place(id);
      return Promise.resolve();
    },
    stop: () => {
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
      return Promise.resolve();
    },
  };
};
