import type { Listener, Peers } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { revisionId } from "#core/revision.ts";
import { SERVICE_NAME } from "./names.ts";
import { NamespaceIndex } from "./namespace-index.ts";
import type { EndpointSlice } from "./objects.ts";
import type { Store } from "./watch.ts";

const idOf = ({ metadata }: EndpointSlice): RevisionId =>
  revisionId(metadata.namespace ?? "", metadata.labels?.[SERVICE_NAME] ?? "");

/** The activators of each Service, as our own slices name them; those of the family of `self`. */
export const slicePeers = (slices: Store<EndpointSlice>, self: string): Peers => {
  const index = new NamespaceIndex(slices);
  const family = self.includes(":") ? "IPv6" : "IPv4";
  const listeners = new Set<Listener>();
  slices.subscribe((_key, now, before) => {
    for (const listener of listeners) listener(idOf((now ?? before)!));
  });
  return {
    self,
    addresses: (id) => {
      const found = new Set<string>();
      for (const slice of index.in(id.slice(0, id.indexOf("/"))).values()) {
        if (slice.addressType !== family || idOf(slice) !== id) continue;
        for (const { addresses } of slice.endpoints ?? []) found.add(addresses[0] ?? "");
      }
      return [...found];
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
};
