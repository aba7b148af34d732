import type { Revisions } from "#core/ports.ts";
import type { Revision } from "#core/revision.ts";
import type { ServicePlan } from "../plan/plan.ts";
import type { WorldState } from "./state.ts";

/**
 * The Services as revisions. The activator sees all of them, so that those without annotations are reached by
 * the same path; the autoscaler sees only those that are `scaled`.
 */
export const createRevisions = (
  state: WorldState,
  sees: (service: ServicePlan) => boolean = () => true,
): Revisions => {
  const visible = (service: ServicePlan | undefined): Revision | undefined =>
    service !== undefined && sees(service) ? service.revision : undefined;
  return {
    get: (id) => visible(state.services.get(id)),
    list: () => [...state.services.values()].filter(sees).map(({ revision }) => revision),
    subscribe: (listener) => state.serviceChanged.subscribe(listener),
  };
};
