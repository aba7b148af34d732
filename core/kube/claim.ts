import { GROUP } from "#core/annotations/keys.ts";
import { SELECTOR, parseSelector, type Selector } from "#core/annotations/selector.ts";
import type { RevisionId } from "#core/revision.ts";
import { PRIVATE_OF } from "./names.ts";
import type { EndpointSlice, Service } from "./objects.ts";
import { keyOf } from "./objects.ts";
import { final, type Refusal } from "./refusal.ts";
import type { Resolution } from "./resolve.ts";
import { workloadKey } from "./workload.ts";

/** One Service that we scale, or route, or are asked to. */
export interface Claim extends Resolution {
  readonly id: RevisionId;
  readonly service: Service;
  readonly privateService: Service | undefined;
  readonly slices: readonly EndpointSlice[];
  /** The user's selector, wherever it is kept now. */
  readonly selector: Selector | undefined;
  /** Whether any annotation of Knative's group asks for us. */
  readonly annotated: boolean;
  /** Whether clients of the Service may come to an activator, or may have until a moment ago. */
  readonly routed: boolean;
  /** Whether it is to be routed: see `Refusal.final`. */
  readonly wanted: boolean;
}

/** Whether a Service has to do with us by its own annotations. */
export const concernsUs = ({ metadata }: Service): boolean =>
  isAnnotated(metadata.annotations) || metadata.annotations?.[SELECTOR] !== undefined;

/** Of a Service that is none of our business only what giving back needs, since a cluster has many. */
export const slimService = (service: Service): Service => {
  if (concernsUs(service) || service.metadata.labels?.[PRIVATE_OF] !== undefined) {
    const { managedFields: _, ...metadata } = service.metadata as Service["metadata"] & {
      managedFields?: unknown;
    };
    return { metadata, spec: service.spec };
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = service.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as Service["metadata"];
  return { metadata, spec: service.spec };
};

export const isAnnotated = (annotations: Readonly<Record<string, string>> = {}): boolean =>
  Object.keys(annotations).some((key) => key.startsWith(`${GROUP}/`));

const nonEmpty = (selector: Selector | undefined): Selector | undefined =>
  selector !== undefined && Object.keys(selector).length > 0 ? selector : undefined;

/**
 * What the user means to select: what stands in the Service, else what we keep. When somebody has wiped both
 * out (`kubectl replace` with an old export), the private Service still has it.
 */
export const userSelector = (service: Service, privateService: Service | undefined): Selector | undefined =>
  nonEmpty(service.spec.selector) ??
  parseSelector(service.metadata.annotations?.[SELECTOR] ?? "") ??
  nonEmpty(privateService?.spec.selector);

/** Those who come first keep the workload: who is routed already, then who is older, then by name. */
const before = (a: Claim, b: Claim): number =>
  Number(b.routed) - Number(a.routed) ||
  compare(a.service.metadata.creationTimestamp ?? "", b.service.metadata.creationTimestamp ?? "") ||
  compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const shared = (holder: Claim): Refusal =>
  final(
    "WorkloadShared",
    `Service ${holder.service.metadata.name} already scales ${holder.workload!.ref.kind} ${holder.workload!.ref.name}`,
    "annotate only one of them; the other one may stay as it is, without annotations",
  );

const refused = (claim: Claim, refusal: Refusal): Claim => ({
  ...claim,
  refusal,
  wanted: claim.annotated && !refusal.final && claim.routed,
});

/** Of the Services of one namespace that would scale the same workload, all but the first are refused. */
export const settleShared = (claims: readonly Claim[]): readonly Claim[] => {
  const holders = new Map<string, Claim>();
  for (const claim of claims.toSorted(before)) {
    if (!claim.wanted || claim.workload === undefined) continue;
    const key = workloadKey(claim.workload.ref);
    if (!holders.has(key)) holders.set(key, claim);
  }
  return claims.map((claim) => {
    const holder = claim.workload && holders.get(workloadKey(claim.workload.ref));
    if (!claim.wanted || holder === undefined || holder === claim) return claim;
    return refused(claim, shared(holder));
  });
};

export interface ClaimParts {
  readonly service: Service;
  readonly privateService: Service | undefined;
  readonly slices: readonly EndpointSlice[];
  readonly selector: Selector | undefined;
  readonly resolution: Resolution;
  /** The name of a HorizontalPodAutoscaler of the user's on the same workload. */
  readonly autoscaledBy: string | undefined;
}

export const claimOf = (parts: ClaimParts): Claim => {
  const { service, privateService, slices, selector, resolution, autoscaledBy } = parts;
  const annotated = isAnnotated(service.metadata.annotations);
  const kept = service.metadata.annotations?.[SELECTOR] !== undefined;
  const claim: Claim = {
    ...resolution,
    id: keyOf(service),
    service,
    privateService,
    slices,
    selector,
    annotated,
    routed: kept || slices.length > 0 || privateService !== undefined,
    wanted: annotated,
  };
  if (resolution.refusal !== undefined) return refused(claim, resolution.refusal);
  if (autoscaledBy === undefined) return claim;
  const message = `HorizontalPodAutoscaler ${autoscaledBy} scales the same workload`;
  return refused(claim, final("HorizontalPodAutoscaler", message, "delete it, or take the annotations off"));
};
