import { inject } from "vitest";
import type { EndpointSlice, Service } from "#core/kube/objects.ts";
import { PATIENCE, type TestCluster } from "../cluster.ts";
import { until } from "../setup/exec.ts";

/** Installs the chart from this checkout; fails with the reason when there is no image to install. */
export const install = async (cluster: TestCluster, ...values: string[]): Promise<void> => {
  const problem = inject("imageProblem");
  if (problem !== "") throw new Error(`the image could not be built: ${problem}`);
  await cluster.install(values);
};

const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

/** One Service of the cluster, as clients and controllers see it. */
export class RoutedService {
  readonly #cluster: TestCluster;
  readonly namespace: string;
  readonly name: string;

  constructor(cluster: TestCluster, namespace: string, name: string) {
    this.#cluster = cluster;
    this.namespace = namespace;
    this.name = name;
  }

  async get(): Promise<Service> {
    const service = await this.#cluster.get<Service>(`service/${this.name}`, this.namespace);
    if (service === undefined) throw new Error(`there is no Service ${this.name}`);
    return service;
  }

  /** What a user wrote, or could have: everything but what every write changes. */
  async manifest(): Promise<object> {
    const { metadata, spec } = await this.get();
    const {
      resourceVersion: _,
      managedFields: __,
      ...rest
    } = metadata as Service["metadata"] & {
      managedFields: unknown;
    };
    return { metadata: rest, spec };
  }

  async slices(): Promise<{ ours: EndpointSlice[]; others: EndpointSlice[] }> {
    const selector = `kubernetes.io/service-name=${this.name}`;
    const slices = await this.#cluster.list<EndpointSlice>("endpointslices", this.namespace, selector);
    const isOurs = ({ metadata }: EndpointSlice) => metadata.labels?.[MANAGED_BY] === "pilotlight.dev";
    return { ours: slices.filter(isOurs), others: slices.filter((slice) => !isOurs(slice)) };
  }

  /** Waits until every port leads to activators, and to nobody else. */
  routed(): Promise<true> {
    return until(`${this.name} to be routed`, PATIENCE, async () => {
      const { spec } = await this.get();
      const { ours, others } = await this.slices();
      const served = new Set(
        ours.filter(({ endpoints }) => (endpoints ?? []).length > 0).map(({ ports }) => ports![0]!.name),
      );
      const all = (spec.ports ?? []).every(({ name }) => served.has(name ?? ""));
      return spec.selector === undefined && all && others.length === 0 ? true : undefined;
    });
  }

  /** Waits until nothing of ours is left. */
  givenBack(): Promise<true> {
    return until(`${this.name} to be given back`, PATIENCE, async () => {
      const { spec, metadata } = await this.get();
      const { ours, others } = await this.slices();
      const left = await this.#cluster.get(`service/${this.name}-private`, this.namespace);
      const kept = metadata.annotations?.["pilotlight.dev/selector"];
      const clean = spec.selector !== undefined && kept === undefined && left === undefined;
      return clean && ours.length === 0 && others.length > 0 ? true : undefined;
    });
  }

  annotate(...words: string[]): Promise<string> {
    return this.#cluster.kubectl("annotate", "service", this.name, "-n", this.namespace, ...words);
  }

  /** Changes the Service by a merge patch. */
  patch(body: object): Promise<string> {
    const text = JSON.stringify(body);
    return this.#cluster.kubectl(
      "patch",
      "service",
      this.name,
      "-n",
      this.namespace,
      "--type=merge",
      "-p",
      text,
    );
  }

  /** Events on the Service by reason, with their messages. */
  async events(): Promise<Record<string, string>> {
    const selector = `involvedObject.kind=Service,involvedObject.name=${this.name}`;
    const text = await this.#cluster.kubectl(
      "get",
      "events",
      "-n",
      this.namespace,
      `--field-selector=${selector}`,
      "-o=json",
    );
    const { items } = JSON.parse(text) as { items: { reason: string; message: string }[] };
    return Object.fromEntries(items.map(({ reason, message }) => [reason, message]));
  }

  async replicas(): Promise<number> {
    const workload = await this.#cluster.get<{ spec: { replicas: number } }>(
      `deployment/${this.name}`,
      this.namespace,
    );
    return workload!.spec.replicas;
  }
}
