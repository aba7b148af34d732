import { createHash } from "node:crypto";

import type { AddressType } from "./objects.ts";

/** Labels, annotations and names by which we know our own objects, and those of Kubernetes's controllers. */

/** On every object that we make: `pilotlight`. */
export const APP_MANAGED_BY = "app.kubernetes.io/managed-by";
export const PILOTLIGHT = "pilotlight";

/** Label of `NAME-private`, and thereby of its slices: the name of the Service it stands behind. */
export const PRIVATE_OF = "pilotlight.dev/service";
/** Annotation of `NAME-private`: the workload's replicas before we scaled it, for giving back. */
export const REPLICAS_BEFORE = "pilotlight.dev/replicas-before";
/** Annotation of our slices: the Service's port number, so that a port that is renamed keeps its reservation. */
export const SERVICE_PORT = "pilotlight.dev/service-port";
/** Label of objects that Knative's own controller made: never touched. */
export const KNATIVE_MADE = "networking.internal.knative.dev/serverlessservice";

export const SERVICE_NAME = "kubernetes.io/service-name";
export const SLICE_MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const SLICE_MANAGER = "pilotlight.dev";
/** Those who write the slices of a Service with a selector, and of one with a legacy `Endpoints` object. */
export const FOREIGN_MANAGERS = [
  "endpointslice-controller.k8s.io",
  "endpointslicemirroring-controller.k8s.io",
] as const;

const MAX_SERVICE_NAME = 63;

/** 40 bits of a text: enough to keep names apart within a namespace. */
const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);

/** `NAME-private`; a name that would be too long for a Service is cut and told apart by a digest. */
export const privateName = (service: string): string => {
  const name = `${service}-private`;
  if (name.length <= MAX_SERVICE_NAME) return name;
  const suffix = `-${digest(service)}-private`;
  return `${service.slice(0, MAX_SERVICE_NAME - suffix.length)}${suffix}`;
};

/**
 * The name of our slice for one port of a Service and one address family. It follows from what it is for, so
 * that two writers who make the same slice meet in a 409 instead of making two.
 */
export const sliceName = (service: string, port: string, family: AddressType): string =>
  `${service}-pilotlight-${digest(`${port}/${family}`)}`;
