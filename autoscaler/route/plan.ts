import { giveBack } from "./give-back.ts";
import { nothing, type RoutePlan, type RouteState } from "./route-state.ts";
import { takeOver } from "./take-over.ts";

/**
 * The next steps of one Service towards what is wanted of it. Pure; may be asked at any moment, from any state
 * that an earlier plan was left in.
 */
export const planRoute = (state: RouteState): RoutePlan => {
  if (state.selector === undefined) return nothing;
  return state.wanted ? takeOver(state, state.selector) : giveBack(state, state.selector);
};
