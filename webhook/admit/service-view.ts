import { z } from "zod";
import { find, GROUP, keys, KPA } from "#core/annotations/keys.ts";
import { parseSelector, type Selector, SELECTOR } from "#core/annotations/selector.ts";
import { KNATIVE_MADE, PRIVATE_OF } from "#core/kube/names.ts";
import type { KubeObject } from "../review.ts";

/** What admission looks at in a Service. */
export interface ServiceView {
  /** undefined where the object has no such field, which matters to a patch. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** `spec.selector`; undefined when there is none or it is empty. */
  readonly selector: Selector | undefined;
  /** The selector that `pilotlight.dev/selector` keeps; undefined when there is none or it is unreadable. */
  readonly kept: Selector | undefined;
  readonly deleting: boolean;
  readonly spec: z.output<typeof specSchema>;
}

const specSchema = z.looseObject({
  type: z.string().nullish(),
  clusterIP: z.string().nullish(),
  selector: z.record(z.string(), z.string()).nullish(),
  publishNotReadyAddresses: z.boolean().nullish(),
  ports: z.array(z.looseObject({ protocol: z.string().nullish() })).nullish(),
});

/** The schema of a Service's `spec`, as far as it is read. */
export const serviceSchema = z.looseObject({ spec: specSchema.nullish() });

export const viewService = (object: KubeObject, spec: z.output<typeof specSchema>): ServiceView => {
  const annotations = object.metadata?.annotations ?? undefined;
  const selector = spec.selector ?? {};
  const text = annotations?.[SELECTOR];
  return {
    annotations,
    labels: object.metadata?.labels ?? {},
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    kept: text === undefined ? undefined : parseSelector(text),
    deleting: typeof object.metadata?.deletionTimestamp === "string",
    spec,
  };
};

/** Services that Knative's own controller made are never touched. */
export const isKnatives = ({ labels }: ServiceView): boolean => Object.hasOwn(labels, KNATIVE_MADE);

/** `NAME-private`, which the autoscaler makes. */
export const isOurs = ({ labels }: ServiceView): boolean => Object.hasOwn(labels, PRIVATE_OF);

/** Any annotation of Knative's autoscaling group switches scaling on. */
export const isSwitchedOn = ({ annotations = {} }: ServiceView): boolean =>
  Object.keys(annotations).some((key) => key.startsWith(`${GROUP}/`));

/** The class in force: whose autoscaler this Service is for. */
export const classOf = ({ annotations = {} }: ServiceView, configured: string): string =>
  find(annotations, keys.class)?.value ?? configured;

/** Why Pilotlight cannot route for a Service of this shape, and what to do; undefined when it can. */
export const unroutable = ({ spec }: ServiceView): string | undefined => {
  const ports = spec.ports ?? [];
  if (spec.type === "ExternalName")
    return "its type is ExternalName, which has no endpoints; use another type";
  if (spec.clusterIP === "None")
    return "it is headless, so clients go to the pods directly; give it a cluster IP";
  if (spec.publishNotReadyAddresses === true) {
    return "it sets publishNotReadyAddresses, so requests could not wait for a ready pod; take that off";
  }
  if (!ports.some(({ protocol }) => (protocol ?? "TCP") === "TCP")) {
    return "it has no TCP port, and other protocols cannot wait for a pod; add one";
  }
  return undefined;
};

/** Whether Pilotlight would route for this Service, as far as the Service itself tells. */
export const isRouted = (view: ServiceView, configuredClass: string): boolean =>
  isSwitchedOn(view) &&
  !isKnatives(view) &&
  classOf(view, configuredClass) === KPA &&
  unroutable(view) === undefined;
