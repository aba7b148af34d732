/** Shows the node agents to the activators, or hides them, between one run and the next. */
import type { KubeClient } from "#core/kube/client.ts";
import { until } from "../../test/cluster/setup/exec.ts";
import { SYSTEM } from "../../test/cluster/setup/product.ts";

const AGENT = "pilotlight-node-agent";
const COMPONENT = "app.kubernetes.io/component";

interface Slices {
  readonly items: readonly { readonly endpoints?: readonly unknown[] | null }[];
}

/** Returns when the agents' Service has endpoints, or has none any more. */
export const showAgents = async (client: KubeClient, shown: boolean): Promise<void> => {
  const selector = { [COMPONENT]: shown ? "node-agent" : "nobody" };
  const path = `/api/v1/namespaces/${SYSTEM}/services/${AGENT}`;
  await client.call({ method: "PATCH", path, body: { spec: { selector } } });
  await until(`the agents to be ${shown ? "shown" : "hidden"}`, 60_000, async () => {
    const { items } = await client.call<Slices>({
      method: "GET",
      path: `/apis/discovery.k8s.io/v1/namespaces/${SYSTEM}/endpointslices`,
      query: { labelSelector: `kubernetes.io/service-name=${AGENT}` },
    });
    return items.some(({ endpoints }) => (endpoints ?? []).length > 0) === shown ? true : undefined;
  });
};
