import type { Listener, Revisions } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Claim } from "./claim.ts";
import type { Claims } from "./claims.ts";

/** Who sees a claim as a revision. */
export type Sees = (claim: Claim) => boolean;

/** The autoscaler decides about what is asked for and in order. */
export const decidedAbout: Sees = ({ annotated, refusal }) => annotated && refusal === undefined;

/** An activator serves that as well, and whatever its clients may still come to. */
export const servedBy: Sees = (claim) => claim.routed || decidedAbout(claim);

/** The claims that one component sees, as revisions. */
export const revisionsOf = (claims: Claims, sees: Sees): Revisions => {
  const seen = (claim: Claim | undefined): Revision | undefined =>
    claim !== undefined && sees(claim) ? claim.revision?.revision : undefined;
  const told = new Map<RevisionId, Revision>();
  const listeners = new Set<Listener>();
  claims.subscribe((id) => {
    const now = seen(claims.get(id));
    if (now === told.get(id)) return;
    if (now === undefined) told.delete(id);
    else told.set(id, now);
    for (const listener of listeners) listener(id);
  });
  return {
    get: (id) => seen(claims.get(id)),
    list: () => [...claims.values()].map(seen).filter((revision) => revision !== undefined),
    subscribe: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
};
