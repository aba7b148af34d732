import { SELECTOR, parseSelector, type Selector } from "#core/annotations/selector.ts";
import type { Service } from "#core/kube/objects.ts";
import { giveBack } from "./give-back.ts";
import type { RoutePlan, RouteState } from "./route-state.ts";
import { nothing } from "./route-state.ts";
import { takeOver } from "./take-over.ts";

/** The selector that we keep for the user. */
export const keptSelector = ({ metadata }: Service): Selector | undefined => {
  const text = metadata.annotations?.[SELECTOR];
  return text === undefined ? undefined : parseSelector(text);
};

const nonEmpty = (selector: Selector | undefined): Selector | undefined =>
  selector !== undefined && Object.keys(selector).length > 0 ? selector : undefined;

/**
 * What the user means to select: what stands in the Service, else what we keep. When somebody has wiped both
 * out (`kubectl replace` with an old export), the private Service still has it.
 */
export const userSelector = ({ service, privateService }: RouteState): Selector | undefined =>
  nonEmpty(service.spec.selector) ?? keptSelector(service) ?? nonEmpty(privateService?.spec.selector);

/**
 * The next steps of one Service towards what is wanted of it. Pure; may be asked at any moment, from any state
 * that an earlier plan was left in.
 */
export const planRoute = (state: RouteState): RoutePlan => {
  const selector = userSelector(state);
  if (selector === undefined) return nothing;
  return state.wanted ? takeOver(state, selector) : giveBack(state, selector);
};
