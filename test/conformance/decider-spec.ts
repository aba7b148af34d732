import type { DeciderSpec } from "../../autoscaler/decide/decider.ts";
import { number } from "./family.ts";

/** A spec, or a part of one, with Knative's field names → ours. */
export const readSpec = (fields: Readonly<Record<string, unknown>>): Partial<DeciderSpec> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key[0]!.toLowerCase() + key.slice(1),
      typeof value === "boolean" || key === "ScalingMetric" ? value : number(value),
    ]),
  );

/** Our spec with Knative's field names. */
export const writeSpec = (spec: DeciderSpec): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]),
  );
