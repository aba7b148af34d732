import { PRIVATE_OF, SERVICE_NAME, SLICE_MANAGED_BY, SLICE_MANAGER } from "#core/kube/names.ts";
import type { EndpointSlice, Service, Workload } from "#core/kube/objects.ts";

let version = 0;
const next = (): string => String(++version);

interface ServiceOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly spec?: Partial<Service["spec"]>;
}

/** An annotated Service in `default`, port 80 to 8080, of pods with `app: NAME`. */
export const service = (name: string, options: ServiceOptions = {}): Service => ({
  metadata: {
    name,
    namespace: "default",
    uid: `uid-${name}`,
    resourceVersion: next(),
    creationTimestamp: options.creationTimestamp ?? "2026-01-01T00:00:00Z",
    labels: options.labels ?? {},
    annotations: options.annotations ?? { "autoscaling.knative.dev/min-scale": "0" },
  },
  spec: {
    type: "ClusterIP",
    clusterIP: "10.96.0.1",
    selector: { app: name },
    ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }],
    ipFamilies: ["IPv4"],
    ...options.spec,
  },
});

/** The private Service behind one. */
export const privateOf = (name: string): Service => ({
  ...service(`${name}-private`, { annotations: {}, labels: { [PRIVATE_OF]: name } }),
  spec: { clusterIP: "None", selector: { app: name }, ports: [] },
});

export const deployment = (name: string, replicas = 1): Workload => ({
  metadata: { name, namespace: "default", uid: `uid-d-${name}`, resourceVersion: next() },
  spec: {
    replicas,
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "app", ports: [{ containerPort: 8080 }] }] },
    },
  },
  status: { replicas },
});

interface SliceOptions {
  readonly portName?: string;
  readonly addresses?: readonly string[];
  readonly creationTimestamp?: string;
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Our slice for the Service `of`, which reserves an activator port. */
export const ourSlice = (of: string, port: number, options: SliceOptions = {}): EndpointSlice => ({
  metadata: {
    name: options.name ?? `${of}-pilotlight-x`,
    namespace: "default",
    uid: `uid-s-${of}`,
    resourceVersion: next(),
    creationTimestamp: options.creationTimestamp ?? "2026-01-01T00:00:00Z",
    labels: { [SERVICE_NAME]: of, [SLICE_MANAGED_BY]: SLICE_MANAGER },
    annotations: options.annotations ?? {},
  },
  addressType: "IPv4",
  endpoints: (options.addresses ?? []).map((address) => ({
    addresses: [address],
    conditions: { ready: true },
  })),
  ports: [{ name: options.portName ?? "http", port, protocol: "TCP" }],
});
