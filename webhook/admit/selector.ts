/** Moves a Service's selector on admission, without changing who routes for it. */
import { KPA } from "#core/annotations/keys.ts";
import { type Selector, SELECTOR, sameSelector, selectorText } from "#core/annotations/selector.ts";
import {
  disownSelector,
  type Operation,
  removeAnnotation,
  removeSelector,
  setAnnotation,
  setSelector,
} from "./patch.ts";
import { isRouted, type ServiceView } from "./service-view.ts";

/**
 * Where the user's selector stands: in `spec.selector` while Kubernetes itself routes for the Service, in
 * `pilotlight.dev/selector` while Pilotlight does. ADR 0010 tells why the webhook moves it when it does.
 *
 * The rule that keeps traffic flowing: on UPDATE the webhook never changes who routes. A Service that was
 * taken over stays so, whatever manifest is applied again; one that is not is left to the autoscaler, which
 * knows whether our EndpointSlice is there. Only at CREATE, when nobody is routed yet, it takes at once; and
 * when the annotations go it puts the selector back, which adds endpoints and removes none.
 */

interface Change {
  readonly object: ServiceView;
  /** The Service as it is stored; undefined on CREATE. */
  readonly old: ServiceView | undefined;
}

export interface Moved {
  readonly patch: readonly Operation[];
  readonly warnings: readonly string[];
}

const nothing: Moved = { patch: [], warnings: [] };

/** What admission changes in a Service. Applied to its own result it changes nothing. */
export const moveSelector = (change: Change): Moved => {
  const { object } = change;
  if (object.deleting) return nothing;
  return isRouted(object) ? take(change) : giveBack(change);
};

/** The old Service was routed by Pilotlight alone: its selector was kept and not in force. */
const wasTaken = (old: ServiceView): old is ServiceView & { readonly kept: Selector } =>
  old.kept !== undefined && old.selector === undefined;

const take = ({ object, old }: Change): Moved => {
  const { annotations, selector } = object;
  const taken = old !== undefined && wasTaken(old) ? old.kept : undefined;
  if (selector === undefined) {
    // An update that drops our annotation (a whole object written anew) must not lose the selector. One
    // that spoils it is left as it is, for validation to refuse.
    if (taken === undefined || annotations?.[SELECTOR] !== undefined) return nothing;
    return { patch: setAnnotation(annotations, SELECTOR, selectorText(taken)), warnings: [] };
  }
  // A new Service of another class may be nobody's to route; the autoscaler knows.
  const free = old === undefined ? object.class === KPA : taken !== undefined;
  if (!free) return nothing;
  return {
    patch: [
      ...setAnnotation(annotations, SELECTOR, selectorText(selector)),
      removeSelector,
      ...disownSelector(object.managedFields),
    ],
    warnings: taken === undefined ? [] : changeWarning(taken, selector),
  };
};

const changeWarning = (from: Selector, to: Selector): string[] =>
  sameSelector(from, to)
    ? []
    : [
        `the selector changes from ${selectorText(from)} to ${selectorText(to)}: other pods serve from now on`,
      ];

const giveBack = ({ object, old }: Change): Moved => {
  const { selector, kept } = object;
  if (selector !== undefined) return nothing;
  if (old === undefined) {
    // A copy of a Service that was taken over elsewhere, or before an uninstall.
    if (kept === undefined) return nothing;
    return { patch: [setSelector(kept), removeAnnotation(SELECTOR)], warnings: [] };
  }
  // The annotation stays for the autoscaler, which removes it after our EndpointSlices.
  return wasTaken(old) ? { patch: [setSelector(kept ?? old.kept)], warnings: [] } : nothing;
};
