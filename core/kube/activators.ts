import type { AddressType, EndpointSlice } from "./objects.ts";
import type { Store } from "./watch.ts";

/** An activator that is ready to serve. */
export interface ActivatorAddress {
  readonly address: string;
  readonly family: AddressType;
  readonly nodeName?: string;
  readonly zone?: string;
  /** The pod, for those who look at the slice. */
  readonly pod?: { readonly name: string; readonly namespace: string; readonly uid: string };
}

/** The ready activators, by the slices of their own Service; sorted by address. */
export const activatorsIn = (slices: Store<EndpointSlice>): readonly ActivatorAddress[] => {
  const found: ActivatorAddress[] = [];
  for (const { addressType, endpoints } of slices.values()) {
    if (addressType === "FQDN") continue;
    for (const { addresses, conditions, nodeName, zone, targetRef } of endpoints ?? []) {
      if (conditions?.ready === false || conditions?.terminating === true) continue;
      const { name, namespace, uid } = targetRef ?? {};
      const known = name !== undefined && namespace !== undefined && uid !== undefined;
      found.push({
        address: addresses[0] ?? "",
        family: addressType,
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(zone === undefined ? {} : { zone }),
        ...(known ? { pod: { name, namespace, uid } } : {}),
      });
    }
  }
  return found.sort((a, b) => (a.address < b.address ? -1 : 1));
};
