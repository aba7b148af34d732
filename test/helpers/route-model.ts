import type { EndpointSlice, Service } from "#core/kube/objects.ts";
import { userSelector } from "#core/kube/claim.ts";
import { keyOf } from "#core/kube/objects.ts";
import { SLICE_MANAGED_BY, SLICE_MANAGER } from "#core/kube/names.ts";
import type { RouteState, RouteWrite } from "../../autoscaler/route/route-state.ts";

/**
 * One Service in a cluster of which each part moves only when told to: the writes of a plan one by one, the
 * endpoint and mirroring controllers, the workload, activators that start to listen.
 */
export class RouteModel {
  service: Service;
  privateService: Service | undefined;
  slices = new Map<string, EndpointSlice>();
  endpoints = false;
  replicas: number;
  pods: number;
  activators = ["10.0.0.1"];
  wanted = false;
  othersKnown = false;
  unroutedMs = 0;
  mostActivators = Number.POSITIVE_INFINITY;
  hasty = false;
  readonly listeners = new Set<string>();
  #version = 1;

  constructor(replicas: number) {
    this.replicas = replicas;
    this.pods = replicas;
    this.service = {
      metadata: {
        name: "hello",
        namespace: "default",
        uid: "u",
        resourceVersion: "1",
        annotations: { a: "1" },
      },
      spec: { selector: { app: "hello" }, ports: [{ port: 80, targetPort: 8080 }], ipFamilies: ["IPv4"] },
    };
    this.endpointController(this.service);
  }

  get ours(): EndpointSlice[] {
    return [...this.slices.values()].filter(isOurs);
  }

  get others(): EndpointSlice[] {
    return [...this.slices.values()].filter((slice) => !isOurs(slice));
  }

  state(): RouteState {
    return {
      service: this.service,
      selector: userSelector(this.service, this.privateService),
      wanted: this.wanted,
      privateService: this.privateService,
      ours: this.ours,
      others: this.othersKnown ? { slices: this.others, endpoints: this.endpoints } : undefined,
      activators: this.activators.map((address) => ({ address, family: "IPv4" })),
      mostActivators: this.mostActivators,
      listening: (address, port) => this.listeners.has(`${address}:${port}`),
      reservedBy: (port) => this.ours.filter((slice) => slice.ports?.[0]?.port === port).map(keyOf)[0],
      replicas: this.replicas,
      unroutedMs: this.unroutedMs,
      hasty: this.hasty,
    };
  }

  perform(write: RouteWrite): void {
    if (write.verb === "scale") this.replicas = write.replicas;
    else if (write.resource === "endpoints") this.endpoints = false;
    else if (write.resource === "endpointSlices") this.#performSlice(write);
    else if (write.verb === "delete") this.privateService = undefined;
    else if (write.verb === "merge") this.change(write.body);
    else this.privateService = write.body as Service;
  }

  #performSlice(write: Exclude<RouteWrite, { verb: "scale" }>): void {
    if (write.verb === "delete") this.slices.delete(write.key);
    else this.slices.set(keyOf(write.body as EndpointSlice), write.body as EndpointSlice);
  }

  /** A merge patch of the Service; throws when it was based on an older version. */
  change({ metadata, spec }: Patch): void {
    const based = metadata?.resourceVersion ?? String(this.#version);
    if (based !== String(this.#version)) throw new Error("conflict");
    const annotations = { ...this.service.metadata.annotations, ...metadata?.annotations };
    for (const key of Object.keys(annotations)) if (annotations[key] === null) delete annotations[key];
    const merged = { ...this.service.spec, ...spec };
    if (merged.selector === null) delete merged.selector;
    this.service = {
      metadata: {
        ...this.service.metadata,
        annotations: annotations as Record<string, string>,
        resourceVersion: String(++this.#version),
      },
      spec: merged,
    };
  }

  /** One round of the endpoint controller with the Service as it knows it; leaves one without a selector alone. */
  endpointController(seen: Service): void {
    if (seen.spec.selector === undefined) return;
    this.endpoints = true;
    this.slices.set("default/hello-x", this.#slice("hello-x", "endpointslice-controller.k8s.io"));
  }

  mirroringController(): void {
    if (this.service.spec.selector === undefined && this.endpoints) {
      this.slices.set("default/hello-m", this.#slice("hello-m", "endpointslicemirroring-controller.k8s.io"));
    } else this.slices.delete("default/hello-m");
  }

  workload(): void {
    this.pods = this.replicas;
  }

  /** Activators that see our slices listen on their ports. */
  activatorsListen(): void {
    for (const slice of this.ours) {
      for (const address of this.activators) this.listeners.add(`${address}:${slice.ports![0]!.port}`);
    }
  }

  /** Addresses in our slices where nobody listens: a client that is sent there is refused. */
  get deaf(): string[] {
    return this.ours.flatMap(({ endpoints, ports }) =>
      endpoints!
        .map(({ addresses }) => `${addresses[0]!}:${ports![0]!.port}`)
        .filter((at) => !this.listeners.has(at)),
    );
  }

  /** Whether a client finds somebody: an activator, or a pod that is in a slice. */
  get answers(): boolean {
    const viaActivator = this.ours.some(({ endpoints }) => endpoints!.length > 0);
    return viaActivator || (this.pods > 0 && this.others.some(({ endpoints }) => endpoints!.length > 0));
  }

  #slice(name: string, manager: string): EndpointSlice {
    return {
      metadata: { name, namespace: "default", labels: { [SLICE_MANAGED_BY]: manager } },
      addressType: "IPv4",
      endpoints: Array.from({ length: this.pods }, (_, i) => ({ addresses: [`10.1.0.${i}`] })),
      ports: [{ name: "", port: 8080 }],
    };
  }
}

interface Patch {
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const isOurs = ({ metadata }: EndpointSlice): boolean =>
  metadata.labels?.[SLICE_MANAGED_BY] === SLICE_MANAGER;
