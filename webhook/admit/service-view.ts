import * as z from "zod/mini";
import { type Annotations, find, keys } from "#core/annotations/keys.ts";
import { parseSelector, type Selector, SELECTOR } from "#core/annotations/selector.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { isAnnotated } from "#core/kube/claim.ts";
import { KNATIVE_MADE, PRIVATE_OF } from "#core/kube/names.ts";
import type { Service } from "#core/kube/objects.ts";
import { passing, type Refusal } from "#core/kube/refusal.ts";
import { resolveService } from "#core/kube/resolve.ts";
import type { KubeObject } from "../review.ts";

/** What admission looks at in a Service. */
export interface ServiceView {
  /** undefined where the object has no such field, which matters to a patch. */
  readonly annotations: Annotations | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** `spec.selector`; undefined when there is none or it is empty. */
  readonly selector: Selector | undefined;
  /** The selector that `pilotlight.dev/selector` keeps; undefined when there is none or it is unreadable. */
  readonly kept: Selector | undefined;
  readonly deleting: boolean;
  /** Who owns which field, as server-side apply keeps it. */
  readonly managedFields: unknown;
  /** Any annotation of Knative's autoscaling group switches scaling on. */
  readonly switchedOn: boolean;
  /** Whose autoscaler it is for. */
  readonly class: string;
  /** Why Pilotlight cannot route for a Service of this shape; undefined when it can, as far as it shows here. */
  readonly refusal: Refusal | undefined;
}

const specSchema = z.looseObject({
  selector: z.nullish(z.record(z.string(), z.string())),
  ports: z.nullish(z.array(z.looseObject({}))),
});

/** A Service's `spec`, as far as it is read here; the rest is read where it is judged. */
export const serviceSchema = z.looseObject({ spec: z.nullish(specSchema) });

export const viewService = (
  object: KubeObject,
  spec: z.output<typeof specSchema>,
  config: AutoscalerConfig,
): ServiceView => {
  const annotations = object.metadata?.annotations ?? undefined;
  const selector = spec.selector ?? {};
  const text = annotations?.[SELECTOR];
  return {
    annotations,
    labels: object.metadata?.labels ?? {},
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    kept: text === undefined ? undefined : parseSelector(text),
    deleting: typeof object.metadata?.deletionTimestamp === "string",
    managedFields: object.metadata?.["managedFields"],
    switchedOn: isAnnotated(annotations),
    class: find(annotations ?? {}, keys.class)?.value ?? config.podAutoscalerClass,
    refusal: shapeRefusal(object, spec, config),
  };
};

const unknownWorkload = { refusal: passing("NotAsked", "", "") };

/** What the autoscaler would refuse whatever workload is behind the Service. */
const shapeRefusal = (
  object: KubeObject,
  spec: z.output<typeof specSchema>,
  config: AutoscalerConfig,
): Refusal | undefined => {
  // A Service that is being created may have only a `generateName`, and nulls where fields are meant to go.
  const metadata = { ...present(object.metadata ?? {}), name: object.metadata?.name ?? "new" };
  const service = { metadata, spec: present(spec) } as unknown as Service;
  const { refusal } = resolveService(service, unknownWorkload, config);
  return refusal?.final === true ? refusal : undefined;
};

const present = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Services that are never touched: Knative's own, and `NAME-private`, which the autoscaler makes. */
export const isForeign = ({ labels }: ServiceView): boolean =>
  Object.hasOwn(labels, KNATIVE_MADE) || Object.hasOwn(labels, PRIVATE_OF);

/** Whether Pilotlight is asked to route for this Service and can, as far as the Service itself tells. */
export const isRouted = ({ switchedOn, refusal }: ServiceView): boolean =>
  switchedOn && refusal === undefined;
