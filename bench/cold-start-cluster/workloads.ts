/** The workloads of the benches, one for each run. */
import { isNotFound } from "#core/kube/api-error.ts";
import { systemClock } from "#core/clock.ts";
import type { KubeClient } from "#core/kube/client.ts";
import { helloDeployment, helloService } from "../../test/cluster/objects.ts";
import { until } from "../../test/cluster/setup/exec.ts";
import type { Workload } from "./floor.ts";

const ANNOTATIONS = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };

/** An application that listens after a second, and whose probe kubelet tries every ten. */
const SLOW = {
  env: { START_DELAY_MS: "1000" },
  container: { readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10 } },
};

export interface WorkloadOptions {
  readonly service: boolean;
  readonly slow?: boolean;
  /** Whether its pods get a token that they do not need: it costs each start 190 to 310 ms. */
  readonly token?: boolean;
}

/** A namespace of its own with workloads at 0. */
export class Workloads {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async open(): Promise<void> {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: this.#namespace } };
    await this.#client.call({ method: "POST", path: "/api/v1/namespaces", body });
  }

  async close(): Promise<void> {
    await this.#client.call({ method: "DELETE", path: `/api/v1/namespaces/${this.#namespace}` });
  }

  async create(name: string, { service, slow, token }: WorkloadOptions): Promise<void> {
    const deployment = helloDeployment(name, slow === true ? SLOW : {});
    const body = token === true ? deployment : withoutToken(deployment);
    await this.#client.call({ method: "POST", path: this.#deployments, body });
    if (!service) return;
    const inFront = helloService(name, { annotations: ANNOTATIONS });
    await this.#client.call({ method: "POST", path: this.#services, body: inFront });
  }

  /** Until Pilotlight routes every Service: their selectors have moved. Its own work at that time is not measured. */
  async untilTakenOver(): Promise<void> {
    await until("all Services to be taken over", 120_000, async () => {
      const { items } = await this.#client.call<ServiceList>({ method: "GET", path: this.#services });
      const left = items.filter(
        ({ metadata, spec }) => !metadata.name.endsWith("-private") && spec.selector !== undefined,
      );
      return left.length === 0 ? true : undefined;
    });
    await systemClock.sleep(3000);
  }

  /**
   * Measures one start that has the node to itself: the workload is deleted afterwards, and its pods are waited for,
   * since a pod's end takes about as much CPU as its start. It begins at a moment by chance: the kubelet looks at its
   * containers once a second, and a fixed pause locks onto it.
   */
  async alone<T>(name: string, measure: (workload: Workload) => Promise<T>): Promise<T> {
    await systemClock.sleep(500 + Math.random() * 1000);
    const measured = await measure({ namespace: this.#namespace, name, port: 8080 });
    await this.#delete(`${this.#services}/${name}`);
    await this.#delete(`${this.#deployments}/${name}`);
    const path = `/api/v1/namespaces/${this.#namespace}/pods`;
    await until("the pods to be gone", 60_000, async () => {
      const { items } = await this.#client.call<{ items: readonly unknown[] }>({ method: "GET", path });
      return items.length === 0 ? true : undefined;
    });
    return measured;
  }

  get #deployments(): string {
    return `/apis/apps/v1/namespaces/${this.#namespace}/deployments`;
  }

  get #services(): string {
    return `/api/v1/namespaces/${this.#namespace}/services`;
  }

  async #delete(path: string): Promise<void> {
    try {
      await this.#client.call({ method: "DELETE", path, body: { propagationPolicy: "Background" } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

interface ServiceList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { selector?: object };
  }[];
}

const withoutToken = (deployment: ReturnType<typeof helloDeployment>): object => {
  const spec = deployment["spec"] as { template: { spec: object } };
  spec.template.spec = { ...spec.template.spec, automountServiceAccountToken: false };
  return deployment;
};
