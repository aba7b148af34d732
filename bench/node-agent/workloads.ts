/** The workloads of the bench, one for each run, and what their first request shows. */
import type { KubeClient } from "#core/kube/client.ts";
import { helloDeployment, helloService } from "../../test/cluster/objects.ts";
import { until } from "../../test/cluster/setup/exec.ts";
import { systemClock } from "#core/clock.ts";

const ANNOTATIONS = { "autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/window": "6s" };

/** An application that listens after a second, and whose probe kubelet tries every ten. */
const SLOW = {
  env: { START_DELAY_MS: "1000" },
  container: { readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10 } },
};

export class Workloads {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async create(name: string, options: { readonly service: boolean; readonly slow?: boolean }): Promise<void> {
    const deployments = `/apis/apps/v1/namespaces/${this.#namespace}/deployments`;
    await this.#post(deployments, withoutToken(helloDeployment(name, options.slow === true ? SLOW : {})));
    if (!options.service) return;
    const services = `/api/v1/namespaces/${this.#namespace}/services`;
    await this.#post(services, helloService(name, { annotations: ANNOTATIONS }));
  }

  /** Until Pilotlight routes every Service; its own work at that time is not measured. */
  async untilTakenOver(): Promise<void> {
    const path = `/api/v1/namespaces/${this.#namespace}/services`;
    await until("all Services to be taken over", 120_000, async () => {
      const { items } = await this.#client.call<ServiceList>({ method: "GET", path });
      const left = items.filter(
        ({ metadata, spec }) => !metadata.name.endsWith("-private") && spec.selector !== undefined,
      );
      return left.length === 0 ? true : undefined;
    });
    await systemClock.sleep(3000);
  }

  async #post(path: string, body: object): Promise<void> {
    await this.#client.call({ method: "POST", path, body });
  }
}

interface ServiceList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { selector?: object };
  }[];
}

/** A token that is not needed costs each start 190 to 310 ms, and is nobody's here. */
const withoutToken = (deployment: ReturnType<typeof helloDeployment>): object => {
  const spec = deployment["spec"] as { template: { spec: object } };
  spec.template.spec = { ...spec.template.spec, automountServiceAccountToken: false };
  return deployment;
};
